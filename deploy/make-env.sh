#!/bin/sh
# Prints a fresh .env for docker-compose.yml, every secret in it new:
#
#   (umask 077; sh deploy/make-env.sh > .env)
#
# Hexadecimal, because the passwords stand in URLs. Keep KEYWARD_SECRET: without it no key that was handed out is valid.
set -eu

secret() {
  head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'
}

echo "KEYWARD_OWNER_EMAIL=${KEYWARD_OWNER_EMAIL:-owner@example.com}"
for name in KEYWARD_OWNER_PASSWORD KEYWARD_SECRET POSTGRES_PASSWORD REDIS_PASSWORD \
  NATS_GATEWAY_PASSWORD NATS_KEYS_PASSWORD NATS_USAGE_PASSWORD NATS_POLICY_PASSWORD \
  NATS_VERIFIER_PASSWORD NATS_PROVISIONER_PASSWORD NATS_METER_PASSWORD NATS_OBSERVER_PASSWORD; do
  echo "$name=$(secret)"
done
