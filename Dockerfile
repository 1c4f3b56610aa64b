FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /app
COPY requirements.lock ./
RUN python -m pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY cogs cogs
RUN python -m pip install --no-deps --no-build-isolation . && rm -rf build *.egg-info
COPY endpoints endpoints

# The bot is nobody special, and writes to /data alone.
RUN useradd --uid 1000 --no-create-home bot && install -d -o bot -m 0700 /data
USER bot
ENV DATA_DIR=/data METRICS_PORT=9464
VOLUME /data

# It asks the bot at METRICS_PORT, which other containers of its network reach, and nobody else:
# nothing here publishes it.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-m", "bot", "health"]

# The bot itself is process 1: SIGTERM reaches it. What follows the image's name is a command of its own:
# docker compose run --rm bot check
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
