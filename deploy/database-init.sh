#!/bin/sh
# Compose: run by PostgreSQL's image on a new volume. Beside the owner, the role of the application, with fewer rights.
set -eu
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set=password="$APPLICATION_PASSWORD" <<'SQL'
CREATE ROLE shijiao LOGIN PASSWORD :'password';
\i /rights.sql
SQL
