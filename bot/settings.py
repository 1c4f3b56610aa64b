"""Settings: every environment variable, with its unit and default. Built once, and passed in."""

import io
import re
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import unquote, urlsplit

import yarl
from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from bot.errors import SetupError
from bot.faults import expected


def _url(*schemes: str) -> Any:  # noqa: ANN401 - an annotation
    def check(text: str) -> str:
        if not re.match(rf"({'|'.join(schemes)})://[^/\s]+", text):
            raise ValueError(f"expected an address that begins with {schemes[0]}://")
        url = yarl.URL(text)
        if not url.host:
            raise ValueError("expected an address with a host")
        if (url.raw_user or url.raw_password) and "https" in schemes:
            # What is asked there has an Authorization of its own.
            raise ValueError("expected an address without a user and a password")
        return text.rstrip("/")

    return AfterValidator(check)


def _proxy(text: str) -> str:
    """The address as aiohttp takes it; it may hold a password, so no part of it is shown."""
    with suppress(ValueError):
        url = yarl.URL(text if "://" in text else f"http://{text}")
        if url.scheme in {"http", "https"} and url.host and url.port:
            return f"{url}"
    raise ValueError("expected http://HOST:PORT or http://USER:PASSWORD@HOST:PORT")


def _secret(value: SecretStr) -> SecretStr:
    if re.fullmatch("[!-~]+", value.get_secret_value()):  # it becomes a header
        return value
    raise ValueError("expected letters, digits and signs, without spaces or line breaks")


def _numbers(text: object) -> object:
    return re.split(r"[\s,]+", text.strip()) if isinstance(text, str) else text


def _bucket(text: str) -> str:
    if not re.fullmatch(r"s3://[A-Za-z0-9][\w.-]+(/[\w-][\w.-]*)*/?", text, re.ASCII):
        raise ValueError("expected s3://bucket or s3://bucket/prefix")
    return text.rstrip("/")


def _emoji(text: str) -> str:
    """The emoji as a reaction is put: itself, or a server's own as `name:id`; of `off` nothing."""
    if text.strip().lower() == "off":
        return ""
    found = re.fullmatch(r"<?(?:a?:)?(\w{2,32}):(\d{15,20})>?", text, re.ASCII)
    if found:
        return f"{found[1]}:{found[2]}"
    if text.isascii():
        raise ValueError("expected an emoji as 🔁, or a server's own as name:id")
    return text


_SERVER = re.compile(
    r"([^\s/?#@[\]]*@)?"  # who
    r"([^\s/?#@[\]:]*|\[[\da-fA-F:.]+\])(:\d+)?"  # where
    r"([/?][^\s#@]*)?"
)


def _database(text: str) -> str:
    """The address as the engine takes it; it may hold a password, so no part of it is shown."""
    scheme, _, rest = text.partition("://")
    if scheme == "sqlite" and re.fullmatch(r"/+[^/].*", rest, re.DOTALL):
        return text
    if scheme not in {"postgresql", "postgres"} or not rest.strip("/"):
        raise ValueError("expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME")
    # Whoever reads it must find the same password in it, which is hidden in the log.
    if not _SERVER.fullmatch(rest) or not _has_port(rest):
        raise ValueError(
            "expected postgresql://USER:PASSWORD@HOST:PORT/NAME, with the signs of a password"
            " in their codes: @ as %40, / as %2F"
        )
    return f"postgresql://{rest}"


def _has_port(rest: str) -> bool:
    """Whether the port is a number, where there is one."""
    with suppress(ValueError):
        return urlsplit(f"//{rest}").port != 0
    return False


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    port: int


def _address(text: object) -> object:
    """An address with its port; a port alone is that of every IPv4 address of this machine."""
    found = re.fullmatch(r"(?:(?P<host>[\d.]+|\[[\da-fA-F:]+\]):)?(?P<port>\d{1,5})", str(text))
    with suppress(ValueError):
        if found and int(found["port"]) < 2**16:
            host = ip_address((found["host"] or "0.0.0.0").strip("[]"))  # noqa: S104 - documented
            return Address(str(host), int(found["port"]))
    raise ValueError("expected a port as 9464, or an address as 127.0.0.1:9464")


Secret = Annotated[SecretStr, AfterValidator(_secret)]
Minutes = Annotated[float, Field(le=525_600)]  # a year
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Amount = Annotated[float, Field(gt=0, le=1e9)]
Http = Annotated[str, _url("https", "http")]
Proxy = Annotated[str, AfterValidator(_proxy)]
Websocket = Annotated[str, _url("wss", "ws")]
Id = Annotated[int, Field(ge=0, lt=2**63)]
Ids = Annotated[tuple[Id, ...], BeforeValidator(_numbers)]

PRICED = ("credits_per_member_per_day", "credits_per_day")  # they need each endpoint's price
SPENDING = (*PRICED, "jobs_per_day")


class Settings(BaseModel):
    """What the owner may set. An empty variable counts as not set."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    discord_token: Secret
    instant_studio_api_key: Secret
    instant_studio_url: Http = "https://toolkit.instantstudio.ai/api/v1"
    endpoints: Path = Path("endpoints")
    data_dir: Path = Path("data")
    database_url: Annotated[str, AfterValidator(_database)] = Field(default="", repr=False)
    archive_url: Annotated[str, AfterValidator(_bucket)] = ""
    archive_gib: Amount = 100
    aws_access_key_id: str = Field(default="", repr=False)
    aws_secret_access_key: SecretStr = SecretStr("")
    aws_session_token: SecretStr = SecretStr("")
    aws_region: str = ""
    aws_default_region: str = ""
    aws_endpoint_url: Http | None = None
    guild_ids: Ids = ()
    user_install: bool = False
    owner_ids: Ids = ()
    owner_guild_id: Id | None = None
    discord_api_url: Http | None = None
    discord_gateway_url: Websocket | None = Field(default=None, repr=False)
    https_proxy: Proxy = Field(default="", repr=False)
    http_proxy: Proxy = Field(default="", repr=False)
    no_proxy: str = ""
    rerun_emoji: Annotated[str, AfterValidator(_emoji)] = "🔁"  # empty: none
    notify_after_minutes: Minutes = Field(default=2, ge=0)
    jobs_per_member: Count = 3
    credits_per_member_per_day: Amount | None = None
    credits_per_day: Amount | None = None
    jobs_per_day: Count | None = None
    jobs_at_once: Count | None = None
    mib_per_member_per_day: Amount = 2048
    job_timeout_minutes: Minutes = Field(default=1440, gt=0)
    studio_requests_per_second: float = Field(default=10, ge=0.01, le=1000)
    keep_days: float = Field(default=30, gt=0, le=36_500)
    shard_count: Count | None = None
    shard_ids: Ids | None = None
    metrics_port: Annotated[Address | None, BeforeValidator(_address)] = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"

    @model_validator(mode="after")
    def _fits_together(self) -> "Settings":
        if self.shard_ids is not None and self.shard_count is None:
            raise ValueError("SHARD_IDS: set SHARD_COUNT, too")
        if self.shard_count is not None and max(self.shard_ids or (0,)) >= self.shard_count:
            raise ValueError("SHARD_IDS: expected numbers below SHARD_COUNT")
        if self.user_install and self.guild_ids:
            raise ValueError("USER_INSTALL: it serves people in any server: leave GUILD_IDS empty")
        if self.user_install and not any(getattr(self, each) for each in SPENDING):
            names = ", ".join(SPENDING).upper()
            raise ValueError(f"USER_INSTALL: anybody may use it: set one of {names}")
        return self

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """The settings; SetupError with one line for each fault, all missing ones in the first."""
        # A small name comes before a large one, as other programs read proxies.
        named = sorted(environ.items(), key=lambda each: each[0].islower())
        given = {key.lower(): value.strip() for key, value in named if value.strip()}
        faults = _missing(given)
        settings: Settings | None = None
        try:
            settings = cls(**{key: given[key] for key in cls.model_fields if key in given})
        except ValidationError as error:
            wrong = [_fault(each) for each in error.errors() if each["type"] != "missing"]
            faults += dict.fromkeys(wrong)  # each number of a list may have the same one
        if faults or settings is None:
            raise SetupError(*faults)
        database = settings.database_url or f"sqlite:///{settings.data_dir / 'jobs.sqlite3'}"
        return settings.model_copy(update={"database_url": database})

    @property
    def is_shared(self) -> bool:
        """Whether other processes may use the same job table."""
        return self.database_url.startswith("postgresql:")

    @property
    def is_publisher(self) -> bool:
        """Whether this process tells Discord of the commands: of several, one does."""
        return 0 in (self.shard_ids or (0,))

    def secrets(self) -> tuple[str, ...]:
        """What must stand in no log line."""
        proxies = (self.https_proxy, self.http_proxy)
        addresses = (self.database_url, self.discord_gateway_url or "", *proxies)
        written = [password for each in addresses for password in _passwords(each)]
        found = (
            self.discord_token.get_secret_value(),
            self.instant_studio_api_key.get_secret_value(),
            *written,
            *map(unquote, written),
            self.aws_secret_access_key.get_secret_value(),
            self.aws_session_token.get_secret_value(),
        )
        return tuple(secret for secret in found if secret)


def load_env(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The variables of the folder's `.env`, overruled by the process's own; SetupError."""
    path = folder / ".env"
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors begin a file with a mark
    except FileNotFoundError:
        text = ""
    except OSError as error:
        raise SetupError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise SetupError(f"{path}: expected a text file in UTF-8.") from error
    if "\0" in text:
        raise SetupError(f"{path}: expected a text file in UTF-8.")
    found = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {key: value for key, value in found.items() if value is not None} | dict(environ)


def endpoints_of(environ: Mapping[str, str]) -> tuple[Path, str]:
    """Where the endpoint documents are, and the setting by which each must name its credits.

    They can be read even where another setting is missing or wrong.
    """
    given = {key.lower(): value.strip() for key, value in environ.items() if value.strip()}
    folder = given.get("endpoints") or Settings.model_fields["endpoints"].default
    return Path(folder), next((name.upper() for name in PRICED if name in given), "")


def suspicious(settings: Settings) -> list[str]:
    """What is allowed, but is probably not meant; a sentence each."""
    found = []
    token = settings.discord_token.get_secret_value()
    if token.count(".") != 2 or token.startswith("Bot "):
        found.append("DISCORD_TOKEN does not look like a bot's token (three parts with dots)")
    if re.match(r"http://(?!127\.|localhost|\[::1\])", settings.instant_studio_url):
        found.append("INSTANT_STUDIO_URL is not encrypted: the key can be read on its way")
    return found


def _missing(given: Mapping[str, str]) -> list[str]:
    required = [name for name, field in Settings.model_fields.items() if field.is_required()]
    missing = [name.upper() for name in required if name not in given]
    if not missing:
        return []
    verb = "is" if len(missing) == 1 else "are"
    return [f"{' and '.join(missing)} {verb} not set: copy .env.example to .env, and fill it in."]


def _passwords(address: str) -> list[str]:
    """As they are written in the address: of its user, and of its query."""
    parts = urlsplit(address)
    return [parts.password or "", *re.findall(r"(?:^|&)\w*password=([^&]+)", parts.query)]


def _fault(error: ErrorDetails) -> str:
    name = str(error["loc"][0]).upper() if error["loc"] else ""
    return f"{name}: {expected(error)}" if name else expected(error)
