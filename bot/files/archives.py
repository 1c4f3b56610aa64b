"""Which archive the settings name."""

from bot.errors import SetupError
from bot.files.archive import Archive, FolderArchive
from bot.settings import Settings


async def archive_of(settings: Settings) -> Archive:
    """The bucket of ARCHIVE_URL, tried out, or the folder in DATA_DIR; SetupError."""
    if not settings.archive_url:
        return FolderArchive(settings.data_dir / "archive")
    try:
        from bot.files.bucket import BucketArchive  # noqa: PLC0415 - it needs what is not always there
    except ImportError as error:
        raise SetupError(
            "ARCHIVE_URL needs obstore: install it by pip install '.[scale]'."
        ) from error
    return await BucketArchive.open(settings)
