# Two stages: the first installs what is pinned, with hashes; the second holds only what runs.
FROM python:3.12-slim-trixie AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/rangkul
COPY requirements/run.txt /tmp/run.txt
RUN /opt/rangkul/bin/python -m pip install --require-hashes --only-binary=:all: -r /tmp/run.txt

WORKDIR /app
COPY . .
# Run from its folder, as from a checkout: words and reference data lie beside the code.
RUN /opt/rangkul/bin/python -m pip install --no-deps --no-build-isolation --no-index -e . \
    && /opt/rangkul/bin/python -m compileall -q bot conversations locales storage


FROM python:3.12-slim-trixie

# pg_dump and pg_restore for `rangkul backup`: of the same version as the server in compose.yaml (17 in Debian trixie).
# Nothing in the image lends the rights of another user.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/* \
    && find / -xdev -type f -perm /6000 -exec chmod ug-s {} + \
    && groupadd --gid 10001 rangkul \
    && useradd --uid 10001 --gid rangkul --no-create-home --home-dir /data --shell /usr/sbin/nologin rangkul \
    && install -d -m 0700 -o rangkul -g rangkul /data /keys /backups

COPY --from=build /opt/rangkul /opt/rangkul
COPY --from=build /app /app
# Where `rangkul backup` writes when nobody says where.
RUN ln -s /backups /app/backups

# The file system may be read-only: data, keys and backups are volumes, the rest that is written goes to /tmp.
ENV PATH=/opt/rangkul/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NICEGUI_STORAGE_PATH=/tmp/nicegui \
    RANGKUL_HOST=0.0.0.0 \
    RANGKUL_PORT=8080 \
    RANGKUL_SIMULATOR=false \
    RANGKUL_DATABASE_URL=sqlite:////data/rangkul.db \
    RANGKUL_KEY_FILE=/keys/rangkul.key \
    RANGKUL_DELETIONS_FILE=/data/rangkul.deletions \
    RANGKUL_LOG_FORMAT=json
WORKDIR /app
# By number, so that whoever starts it can tell that it is not root.
USER 10001:10001
VOLUME ["/data", "/keys", "/backups"]
EXPOSE 8080
STOPSIGNAL SIGTERM

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"RANGKUL_PORT\"]}/health/live', timeout=2)"]

ENTRYPOINT ["rangkul"]
CMD ["serve"]
