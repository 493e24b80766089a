# One image for the web process, the worker and the timetable; docker-compose.yml says which it is.
# It holds no secret and no record: everything that differs comes from the environment.

FROM node:20-bookworm-slim AS pages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts

FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    GUNICORN_CMD_ARGS="--bind 0.0.0.0:8000 --workers 2 --threads 4 --worker-tmp-dir /dev/shm"

# WeasyPrint draws letters and reports with Pango and HarfBuzz, in Liberation's fonts. The client is backup's and restore's.
RUN apt-get update --quiet=2 \
 && apt-get install --yes --quiet=2 --no-install-recommends \
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation postgresql-client \
 && rm -rf /var/lib/apt/lists/*

RUN useradd --create-home --shell /usr/sbin/nologin rhi
WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements.lock

COPY . .
# The demonstration's settings collect the same files as production's, and need no secret to do so.
RUN --mount=type=bind,from=pages,source=/app/node_modules,target=/app/node_modules \
    python checks/front_end.py \
 && RHI_DEMO=1 python manage.py collectstatic --no-input --verbosity 0 \
 && chown --recursive rhi:rhi var

USER rhi
EXPOSE 8000
CMD ["gunicorn", "rhi.wsgi:application"]
