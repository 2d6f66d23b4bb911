# leakstop in an image of its own: one static program, no shell, not root.
#   docker build -t leakstop . && docker run --rm -v "$PWD:/src:ro" leakstop scan
FROM rust:1-alpine AS build
RUN apk add --no-cache build-base cmake
WORKDIR /leakstop
COPY . .
RUN cargo build --release --locked && strip target/release/leakstop

FROM scratch
COPY --from=build /leakstop/target/release/leakstop /leakstop
USER 65532:65532
WORKDIR /src
ENTRYPOINT ["/leakstop"]
CMD ["scan"]
