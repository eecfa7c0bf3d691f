# One image for the model server, the sidecar, the learner and the set-up of docker-compose.yml.
FROM python:3.12-slim

# LightGBM needs the OpenMP runtime.
RUN apt-get update && apt-get install --yes --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home ltrr && mkdir -p /var/lib/ltrr /var/cache/ltrr && chown ltrr /var/lib/ltrr /var/cache/ltrr
WORKDIR /opt/ltrr
COPY requirements.txt requirements-uv.txt pyproject.toml README.md LICENSE NOTICE ./
RUN pip install --no-cache-dir --require-hashes -r requirements-uv.txt \
    && uv pip install --system --no-cache --require-hashes -r requirements.txt
COPY plugin plugin
COPY ingest ingest
COPY bandit_service bandit_service
COPY ltrr ltrr
COPY opensearch opensearch
COPY examples examples
RUN uv pip install --system --no-cache --no-deps --no-build-isolation .
USER ltrr
ENV LTRR_ENGINE=url LTRR_STATE=/var/lib/ltrr LTRR_CACHE=/var/cache/ltrr
ENTRYPOINT ["ltrr"]
CMD ["serve"]
