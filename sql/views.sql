-- Views over the tables that anteroom's syncd fills, in an analyst's terms. PostgreSQL 12 or newer.
--
--   psql -v schema=anteroom -f sql/views.sql
--
-- They show what the tables hold and add nothing: in a de-identified schema there is no date but the year and no text but
-- closed words. Run again after an update of the box: each view is replaced.

set search_path to :"schema";

-- One row a call, with what is usually asked of it.
create or replace view conversations as
select
    c.box_id,
    c.call_key,
    c.started_year,
    c.synthetic,
    coalesce(c.disposition, 'not-known')             as disposition,
    c.handled_by,
    c.handoff_reason,
    c.intent,
    c.level,
    c.turns,
    round(c.duration_ms / 1000.0, 1)                 as seconds,
    c.handoffs > 0                                   as was_escalated,
    c.handled_by = 'box' and c.handoffs = 0          as was_contained,
    c.redactions + c.withheld                        as covered,
    c.disclosures,
    c.tool_failures
from fct_conversations c;

-- What calls cost, answers that came after a call's own row counted too.
create or replace view conversation_costs as
select
    m.box_id,
    m.call_key,
    count(*) filter (where m.stage = 'sent')         as requests,
    sum(m.tokens_in)                                 as tokens_in,
    sum(m.tokens_out)                                as tokens_out,
    sum(m.cost_microdollars) / 1000000.0             as usd
from fct_model_calls m
where m.stage in ('sent', 'reply')
group by m.box_id, m.call_key;

-- Each question to the clinic's systems once: a result that came late stands in for "unanswered".
create or replace view tool_calls as
select distinct on (t.box_id, t.call_key, t.number)
    t.box_id,
    t.call_key,
    t.turn,
    t.number,
    t.tool,
    t.access,
    t.level,
    t.result,
    t.items,
    t.took_ms,
    t.late
from fct_tool_calls t
order by t.box_id, t.call_key, t.number, t.late desc;

-- By year and box: how calls end.
create or replace view outcomes_by_year as
select
    box_id,
    started_year,
    coalesce(disposition, 'not-known')               as disposition,
    handled_by,
    count(*)                                         as calls,
    round(avg(duration_ms) / 1000.0, 1)              as mean_seconds,
    percentile_cont(0.5) within group (order by duration_ms) / 1000.0 as median_seconds,
    sum(cost_microdollars) / 1000000.0               as usd
from fct_conversations
where not synthetic
group by box_id, started_year, coalesce(disposition, 'not-known'), handled_by;

-- What redaction finds, by label and rule. Never a value.
create or replace view redaction_by_rule as
select box_id, label, rule, sum(count) as found, count(distinct call_key) as calls
from fct_redactions
where not synthetic
group by box_id, label, rule;

-- Model and tool calls under the names of the OpenTelemetry semantic conventions for generative AI, v0.1.0 of their own
-- repository, in which every one of them is still marked "Development": names may change, and then this view does, never
-- the tables. Times are lengths, since moments are not in the tables.
create or replace view otel_genai as
select
    m.box_id,
    m.call_key                                       as "gen_ai.conversation.id",
    'chat'                                           as "gen_ai.operation.name",
    case m.format
        when 'anthropic' then 'anthropic'
        when 'openai-chat' then 'openai'
        when 'openai-responses' then 'openai'
        when 'gemini' then 'gcp.gemini'
    end                                              as "gen_ai.provider.name",
    m.model                                          as "gen_ai.request.model",
    case when m.same_model then m.model end          as "gen_ai.response.model",
    m.tokens_in                                      as "gen_ai.usage.input_tokens",
    m.tokens_out                                     as "gen_ai.usage.output_tokens",
    null::text                                       as "gen_ai.tool.name",
    m.total_ms / 1000.0                              as "gen_ai.client.operation.duration",
    case when m.outcome not in ('answered', 'tools', 'called-off') then m.outcome end as "error.type"
from fct_model_calls m
where m.stage in ('sent', 'reply')
union all
select
    t.box_id,
    t.call_key,
    'execute_tool',
    null,
    null,
    null,
    null,
    null,
    t.tool,
    t.took_ms / 1000.0,
    case when t.result <> 'ok' then t.result end
from tool_calls t;
