-- Nine more copies of every rancher of a demo of 20,000, with all that belongs to them: 200,000 ranchers,
-- 2 million visits, 8 million observations in minutes. psql -v ON_ERROR_STOP=1 -f bench/multiply.sql
-- on a database made by: createdb -T hato_bench_20000 hato_bench_200000. Facts and cells follow by
-- recompute_all(). New keys are made from the old one and the number of the copy.
set session_replication_role = replica; -- no triggers, no foreign key checks: rows are copies
set synchronous_commit = off;
create function pg_temp.other(id uuid, k int) returns uuid immutable language sql as
    $$ select case when id is not null then md5(id::text || k)::uuid end $$;
create function pg_temp.multiply(source text, changes text) returns void language plpgsql as $$
declare columns text; picked text;
begin
    select string_agg(quote_ident(column_name), ', ' order by ordinal_position),
        string_agg(coalesce((changes::jsonb) ->> column_name, 't.' || quote_ident(column_name)), ', '
            order by ordinal_position)
    into columns, picked
    from information_schema.columns
    where table_schema = 'public' and table_name = source and is_generated = 'NEVER'
        and coalesce((changes::jsonb) ->> column_name, '') <> 'default';
    execute format('insert into %I (%s) select %s from %I t, generate_series(1, 9) k', source, columns, picked, source);
    raise notice '% %', clock_timestamp()::time(0), source;
end $$;
select pg_temp.multiply('ranchers_rancher', '{"id": "pg_temp.other(t.id, k)", "dni": "null"}');
select pg_temp.multiply('ranchers_enrolment', '{"id": "t.id + k * 10000000", "rancher_id": "pg_temp.other(t.rancher_id, k)"}');
select pg_temp.multiply('ranchers_enrolmentstatus', '{"id": "default", "enrolment_id": "t.enrolment_id + k * 10000000"}');
select pg_temp.multiply('ranchers_plot', '{"id": "pg_temp.other(t.id, k)", "rancher_id": "pg_temp.other(t.rancher_id, k)"}');
select pg_temp.multiply('ranchers_plotboundary', '{"id": "pg_temp.other(t.id, k)", "plot_id": "pg_temp.other(t.plot_id, k)"}');
select pg_temp.multiply('ranchers_landusearea', '{"id": "default", "plot_id": "pg_temp.other(t.plot_id, k)"}');
select pg_temp.multiply('ranchers_consent', '{"id": "default", "rancher_id": "pg_temp.other(t.rancher_id, k)"}');
select pg_temp.multiply('monitoring_visit', '{"id": "pg_temp.other(t.id, k)", "rancher_id": "pg_temp.other(t.rancher_id, k)", "plot_id": "pg_temp.other(t.plot_id, k)"}');
select pg_temp.multiply('monitoring_measurement', '{"visit_id": "pg_temp.other(t.visit_id, k)"}');
select pg_temp.multiply('monitoring_observation', '{"id": "default", "visit_id": "pg_temp.other(t.visit_id, k)"}');
analyze;
