# One image, four commands: serve (the default), work, migrate, and keyholder, which wants a machine of its own. The Python is the one that CI tests with.
ARG PYTHON=3.11
FROM python:${PYTHON}-slim AS tools
WORKDIR /srv
COPY requirements-tools.lock ./
RUN python -m venv /tools && /tools/bin/pip install --no-cache-dir --require-hashes -r requirements-tools.lock

FROM tools AS packages
COPY requirements.lock ./
RUN python -m venv --without-pip .venv \
    && /tools/bin/uv pip sync --no-cache --compile-bytecode --require-hashes --python .venv requirements.lock

FROM tools AS assets
COPY static static
RUN /tools/bin/python static/build.py && rm static/build.py static/package.json static/package-lock.json

FROM python:${PYTHON}-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin portal \
    && mkdir -p /srv/var && chown portal /srv/var
WORKDIR /srv
COPY --from=packages /srv/.venv .venv
COPY --from=assets /srv/static static
COPY pyproject.toml ./
COPY migrations migrations
COPY templates templates
COPY app app
ENV MALLOC_ARENA_MAX=2 PATH=/srv/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PORTAL_ENVIRONMENT=production PORTAL_HOST=0.0.0.0 PORT=8000
USER portal
VOLUME /srv/var
EXPOSE 8000
# For serve; start work and migrate with --no-healthcheck. The Host is the public one, since no other is let in.
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s CMD ["python", "-c", "\
import os, urllib.parse, urllib.request as web; \
host = urllib.parse.urlsplit(os.environ['PORTAL_PUBLIC_URL']).netloc; \
web.urlopen(web.Request(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", headers={'Host': host}), timeout=2)"]
ENTRYPOINT ["python", "-m", "app"]
CMD ["serve"]
