# Hato's images: target "app" (web, worker, beat, migrate) and target "proxy" (TLS in front of it).
# Third-party files come from the package registries by pinned hash; none is in this repository.

FROM node:20.18.1-bookworm-slim AS browser-libraries
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.11.11-slim-bookworm AS python-packages
RUN python -m venv /venv
COPY requirements/base.txt /tmp/base.txt
RUN /venv/bin/pip install --no-cache-dir --no-deps --require-hashes --requirement /tmp/base.txt \
    && /venv/bin/pip check

FROM python:3.11.11-slim-bookworm AS runtime
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        gdal-bin libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 hato \
    && useradd --uid 10001 --gid hato --no-create-home --shell /usr/sbin/nologin hato \
    && install --directory --owner=hato --group=hato /media /cover
COPY --from=python-packages /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app

FROM runtime AS built
RUN apt-get update && apt-get install --yes --no-install-recommends gettext
COPY . .
COPY --from=browser-libraries /build/node_modules node_modules
# Building needs no service and no secret: these addresses are never connected to.
RUN script/messages compile \
    && SECRET_KEY=building DATABASE_URL=postgres://nobody@nowhere/none REDIS_URL=redis://nowhere/0 \
        python manage.py collectstatic --noinput \
    && python -m compileall -q config ranchers practices monitoring \
    && rm -rf node_modules tests bench .git

FROM runtime AS app
COPY --from=built /app /app
USER 10001:10001
VOLUME /media
VOLUME /cover
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind=0.0.0.0:8000", "--worker-class=gthread", "--threads=8"]

FROM caddy:2.8.4-alpine AS proxy
COPY deploy/Caddyfile /etc/caddy/Caddyfile
RUN mkdir -p /data/caddy /config/caddy && chown -R 10001:10001 /data /config
USER 10001:10001
