-- The application's role `shijiao` reads and writes, but may only add to the sealed story (事件、封条); the tables belong
-- to `shijiao_owner`, under whom alone migrations run. Both roles must exist. By a superuser, as often as you like:
--   runuser -u postgres -- psql --set=ON_ERROR_STOP=1 --dbname=shijiao --file=- <deploy/rights.sql

-- An installation of before the seals, where the application owned everything.
REASSIGN OWNED BY shijiao TO shijiao_owner;

REVOKE CREATE ON SCHEMA public FROM PUBLIC, shijiao;
GRANT USAGE ON SCHEMA public TO shijiao;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO shijiao;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO shijiao;
ALTER DEFAULT PRIVILEGES FOR ROLE shijiao_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO shijiao;
ALTER DEFAULT PRIVILEGES FOR ROLE shijiao_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO shijiao;

-- Before the first migration they are not there yet; the migration that makes them takes the right away itself.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['core_event', 'core_seal', 'core_sealedevent'] LOOP
        IF to_regclass('public.' || name) IS NOT NULL THEN
            EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON public.%I FROM shijiao', name);
        END IF;
    END LOOP;
END $$;
