# Basewatch in a container. For production pin BASE to a digest you have checked: --build-arg BASE=python:3.13-slim@sha256:…
ARG BASE=python:3.13-slim
FROM ${BASE} AS build
WORKDIR /src
RUN python -m venv /opt/basewatch
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN /opt/basewatch/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY monitor monitor
RUN /opt/basewatch/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM ${BASE}
RUN useradd --system --uid 10001 --home-dir /data --no-create-home basewatch \
	&& mkdir /data /etc/basewatch && chown basewatch /data
COPY --from=build /opt/basewatch /opt/basewatch
COPY rules /etc/basewatch/rules
ENV PATH=/opt/basewatch/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s --retries=3 \
	CMD ["basewatch", "doctor", "--health", "--config", "/etc/basewatch/basewatch.toml"]
ENTRYPOINT ["basewatch"]
CMD ["run", "--config", "/etc/basewatch/basewatch.toml", "--log", "json"]
