"""An S3-compatible store on loopback, with buckets of its own for each test."""

import logging
import random
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from urllib.request import Request, urlopen

from obstore.store import S3Store

from bot.files.bucket import FOLDER, BucketArchive
from bot.settings import Settings

SECRET = "the-secret-of-the-bucket"


class LocalS3:
    """The store's server; what it holds is there again when it comes back."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line for each request else
        self._numbers = count()
        self._port = 0
        self.start()

    def start(self) -> None:
        from moto.server import ThreadedMotoServer  # noqa: PLC0415 - half a second, for few tests

        self._port = self._port or port_for_long()
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=self._port, verbose=False)
        self._server.start()
        _, self._port = self._server.get_host_and_port()

    def stop(self) -> None:
        self._server.stop()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody listens while the block runs."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Every key is refused while the block runs."""
        self._ask("POST", "/moto-api/reset-auth", b"0")
        try:
            yield
        finally:
            self._ask("POST", "/moto-api/reset-auth", b"inf")

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def fill(self, bucket: "Bucket", names: Iterable[str]) -> None:
        """Objects without content; by a short cut, for many."""
        from moto.core.models import DEFAULT_ACCOUNT_ID  # noqa: PLC0415 - as above
        from moto.s3.models import s3_backends  # noqa: PLC0415 - as above

        for name in names:
            s3_backends[DEFAULT_ACCOUNT_ID]["aws"].put_object(bucket.name, name, b"")

    def bucket(self) -> "Bucket":
        """A new one."""
        bucket = Bucket(self, f"bucket-{next(self._numbers)}")
        self._ask("PUT", f"/{bucket.name}")
        return bucket

    def drop(self, bucket: "Bucket") -> None:
        """Remove the bucket, which has to be empty."""
        self._ask("DELETE", f"/{bucket.name}")

    def _ask(self, method: str, path: str, data: bytes = b"") -> None:
        headers = {"Content-Type": "text/plain"}
        with urlopen(Request(self.endpoint + path, data, headers, method=method), timeout=10):  # noqa: S310 - loopback
            pass


def port_for_long() -> int:
    """A free port that no outgoing connection takes while its server is away."""
    for port in random.sample(range(20_000, 30_000), 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise RuntimeError("no free port")


def settings(data_dir: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of a bot in that folder."""
    needed = {"DISCORD_TOKEN": "a.b.c", "INSTANT_STUDIO_API_KEY": "key", "DATA_DIR": str(data_dir)}
    return Settings.from_env(needed | dict(environ))


async def opened(bucket: "Bucket", data_dir: Path, **more: str) -> BucketArchive:
    """The bucket's archive for a bot in that folder."""
    return await BucketArchive.open(settings(data_dir, bucket.environment | more))


class Bucket:
    """One bucket, whose owner uses it for other things, too."""

    def __init__(self, s3: LocalS3, name: str) -> None:
        self.s3 = s3
        self.name = name

    @property
    def environment(self) -> dict[str, str]:
        """The settings that keep files in it."""
        return {
            "ARCHIVE_URL": f"s3://{self.name}/some/prefix",
            "AWS_ACCESS_KEY_ID": "key-id",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "eu-central-1",
            "AWS_ENDPOINT_URL": self.s3.endpoint,
        }

    @property
    def objects(self) -> S3Store:
        """All of it, as its owner sees it."""
        return S3Store(
            self.name,
            endpoint=self.s3.endpoint,
            access_key_id="owner",
            secret_access_key="of-the-owner",
            client_options={"allow_http": True},
        )

    def names(self) -> list[str]:
        return sorted(found["path"] for found in self.objects.list().collect())

    @staticmethod
    def name_of(key: str) -> str:
        """The object of the archive's file."""
        return f"some/prefix/{FOLDER}/{key}"
