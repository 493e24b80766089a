-- Ten invented years of an authority's records, written straight into the tables; the same seed gives the same rows.
--
-- A child's episodes lie within some months of each other, most are short and begin at any hour, one in five children
-- is looked after, and rows lie in the tables in the order in which they would have come in. Four in five returns have
-- an interview record; some records are about two episodes and some episodes have two records. Each referral lies with
-- one of ten teams, and one in four was passed on to it by another.

-- What refers to what is right by construction, so that the keys need not be checked row by row.
SET LOCAL session_replication_role = replica;

-- A number from 0 to 1 for the n-th of something; one that does not depend on the order in which rows are made.
CREATE FUNCTION pg_temp.chance(n bigint, about text) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (hashtextextended(about || %(seed)s, n) & 9007199254740991) / 9007199254740992::float8;

INSERT INTO episodes_authority (id, code, name) VALUES (1, 'E06000023', 'Bristol, City of');
INSERT INTO staff_team (id, name, kind) SELECT n, 'Team ' || n, 'service' FROM generate_series(1, 10) n;

INSERT INTO episodes_child (
    id, child_id, first_name, last_name, date_of_birth, sex, area, responsible_authority_id, restricted, typed,
    address_1, address_2, address_3, address_4, postcode, phone, email, ethnicity, language
)
SELECT
    n, 'B' || n, 'Robin', 'Example', %(first)s::date - 3000 + (4000 * pg_temp.chance(n, 'birth'))::int, '',
    'Area ' || 1 + mod(n, 8),
    CASE WHEN pg_temp.chance(n, 'authority') < 0.06 THEN 1 END, false, '{}',
    '', '', '', '', '', '', '', '', ''
FROM generate_series(1, %(children)s) n;

-- A stay in care, or another involvement, of months or years; one in three goes on.
CREATE TEMPORARY TABLE stay ON COMMIT DROP AS
SELECT
    n AS child_id,
    round AS round,
    CASE
        WHEN pg_temp.chance(n, 'service' || round) < 0.2 THEN 'looked_after'
        WHEN pg_temp.chance(n, 'service' || round) < 0.4 THEN 'child_in_need'
        WHEN pg_temp.chance(n, 'service' || round) < 0.5 THEN 'child_protection'
        WHEN pg_temp.chance(n, 'service' || round) < 0.7 THEN 'family_service'
        ELSE 'assessment'
    END AS service,
    %(first)s::date - 400 + (4000 * pg_temp.chance(n, 'start' || round))::int AS start,
    CASE WHEN pg_temp.chance(n, 'ends' || round) < 0.67 THEN (1200 * pg_temp.chance(n, 'days' || round))::int END AS days
FROM generate_series(1, %(children)s) n, generate_series(1, 2) round
WHERE pg_temp.chance(n, 'open' || round) < 0.75;

INSERT INTO episodes_involvement (
    child_id, service, start, "end", placement_kind, placement_area, placement_provider, worker_elsewhere, typed
)
SELECT
    child_id, service, start, start + days,
    CASE service WHEN 'looked_after' THEN 'foster_care' ELSE '' END,
    CASE service WHEN 'looked_after' THEN 'in_area' ELSE '' END, '', '', '{}'
FROM stay
ORDER BY start
ON CONFLICT DO NOTHING;

-- One episode for every child, the rest for some much more than for others: up to some thirty.
CREATE TEMPORARY TABLE episode ON COMMIT DROP AS
SELECT
    n,
    child_id,
    -- The London night of a clock change is as good as any other: the instants run through.
    date_trunc(
        'minute',
        %(first)s::timestamptz + mod(
            (%(days)s * pg_temp.chance(child_id, 'time') + 300 * pg_temp.chance(n, 'later') ^ 2)::numeric, %(days)s
        )::float8 * interval '1 day'
    ) AS last_seen_at
FROM (
    SELECT
        n,
        CASE
            WHEN n <= %(children)s THEN n
            ELSE least(%(children)s, 1 + %(children)s * ((pg_temp.chance(n, 'child') + 0.05) / 1.05) ^ 2)::bigint
        END AS child_id
    FROM generate_series(1, %(episodes)s) n
) one;

INSERT INTO episodes_episode (
    id, episode_id, child_id, kind, last_seen_at, reported_at, returned_at, notified_at, history, withdrawn_at,
    withdrawn_because, return_precision, source, police_ref, police_risk, missing_from, ended_how, circumstances, typed
)
SELECT
    id, 'B' || id, child_id, CASE WHEN pg_temp.chance(n, 'kind') < 0.04 THEN 'away' ELSE 'missing' END, last_seen_at,
    last_seen_at + interval '6 hours' * pg_temp.chance(n, 'reported'),
    returned_at,
    CASE WHEN pg_temp.chance(n, 'told') < 0.97 THEN returned_at + interval '3 days' * pg_temp.chance(n, 'notified') ^ 3 END,
    false, CASE WHEN pg_temp.chance(n, 'withdrawn') < 0.01 THEN returned_at + interval '1 day' END,
    CASE WHEN pg_temp.chance(n, 'withdrawn') < 0.01 AND returned_at IS NOT NULL THEN 'A duplicate' ELSE '' END,
    'exact', 'police', 'MP/' || id, 'medium', 'family_home', '', 'Left by the back door at bedtime.', '{}'
FROM (
    SELECT
        row_number() OVER (ORDER BY last_seen_at, n) AS id, episode.*,
        CASE
            WHEN pg_temp.chance(n, 'back') < 0.995
            THEN date_trunc('minute', last_seen_at + interval '6 days' * pg_temp.chance(n, 'away') ^ 5)
        END AS returned_at
    FROM episode
) one
ORDER BY id;

-- What the interview record of an episode says, where there is one; `also` is the child's episode before, when the
-- record is about both.
CREATE TEMPORARY TABLE course ON COMMIT DROP AS
SELECT
    row_number() OVER (ORDER BY id) AS n, id AS episode_id, child_id, last_seen_at, returned_at,
    pg_temp.chance(id, 'record') < 0.82 AS recorded,
    CASE
        WHEN pg_temp.chance(id, 'both') < 0.4 AND last_seen_at - lag(last_seen_at) OVER by_child < interval '5 days'
        THEN lag(id) OVER by_child
    END AS also,
    CASE WHEN pg_temp.chance(id, 'offer') < 0.75 THEN 'child' END AS to_child,
    CASE WHEN pg_temp.chance(id, 'carer') < 0.25 THEN 'parent' END AS to_carer,
    date_trunc('minute', returned_at + interval '4 days' * pg_temp.chance(id, 'offered') ^ 2) AS offered_at,
    CASE
        WHEN pg_temp.chance(id, 'answer') < 0.82 THEN 'accepted'
        WHEN pg_temp.chance(id, 'answer') < 0.92 THEN 'declined_by_child'
        ELSE 'no_response'
    END AS answer,
    date_trunc('minute', returned_at + interval '9 days' * pg_temp.chance(id, 'held') ^ 2) AS held_at,
    pg_temp.chance(id, 'held at all') AS held_chance,
    pg_temp.chance(id, 'written') < 0.98 AS written_up
FROM episodes_episode
WHERE returned_at IS NOT NULL AND withdrawn_at IS NULL AND kind = 'missing'
WINDOW by_child AS (PARTITION BY child_id ORDER BY last_seen_at);

UPDATE course SET held_at = NULL WHERE to_child IS NULL OR answer <> 'accepted' OR held_chance > 0.95;

INSERT INTO routing_referral (id, child_id, version_id, destination, question, in_tray_at, closed_at)
SELECT
    n, child_id, (SELECT min(id) FROM procedures_version), 'tray', '', returned_at,
    CASE WHEN recorded AND written_up THEN greatest(held_at, offered_at) END
FROM course ORDER BY n;

INSERT INTO routing_referralepisode (child_id, referral_id, episode_id)
SELECT child_id, n, episode_id FROM course ORDER BY n;

INSERT INTO routing_allocation (child_id, referral_id, team_id, since, until, rule, because)
SELECT child_id, n, 1 + mod(n, 10), returned_at, returned_at + interval '1 day', 'default', 'Everybody else'
FROM course WHERE mod(n, 4) = 0
UNION ALL
SELECT
    child_id, n, 1 + mod(n * 7, 10), returned_at + CASE mod(n, 4) WHEN 0 THEN 1 ELSE 0 END * interval '1 day', NULL, '',
    'Passed on'
FROM course;

INSERT INTO rhi_interview (
    id, reference, child_id, referral_id, sign_off_comment, held_at, method, independence, written_up_at, outcome, reason,
    typed
)
SELECT
    n, 'B' || n, child_id, n, '', held_at, CASE WHEN held_at IS NULL THEN '' ELSE 'face_to_face' END,
    CASE WHEN held_at IS NULL THEN '' ELSE (ARRAY['independent', 'elsewhere', 'local_policy', ''])[1 + mod(n, 4)] END,
    CASE WHEN written_up THEN held_at + interval '1 day' END,
    CASE
        WHEN NOT written_up THEN ''
        WHEN held_at IS NOT NULL THEN 'completed'
        WHEN to_child IS NULL AND to_carer IS NULL THEN 'no_contact'
        WHEN to_child IS NULL OR answer = 'no_response' THEN 'no_contact'
        WHEN answer = 'accepted' THEN 'accepted_not_held'
        ELSE 'declined'
    END,
    '', '{}'
FROM course WHERE recorded ORDER BY n;

UPDATE rhi_interview SET reason = CASE outcome
    WHEN 'no_contact' THEN 'no_answer' WHEN 'accepted_not_held' THEN 'not_present' ELSE 'not_needed'
END
WHERE outcome NOT IN ('', 'completed');

INSERT INTO rhi_interviewepisode (child_id, interview_id, episode_id)
SELECT child_id, n, episode_id FROM course WHERE recorded
UNION ALL
SELECT child_id, n, also FROM course WHERE recorded AND also IN (SELECT episode_id FROM course);

INSERT INTO rhi_offer (
    child_id, interview_id, "to", offered_at, response, responded_at, route, method, declined_because, typed
)
SELECT
    child_id, n, to_child, CASE WHEN held_chance > 0.02 THEN offered_at END, answer, offered_at, '', '', '', '{}'::jsonb
FROM course WHERE recorded AND to_child IS NOT NULL
UNION ALL
SELECT
    child_id, n, to_carer, offered_at,
    CASE WHEN to_child IS NOT NULL THEN '' WHEN answer = 'accepted' THEN answer ELSE 'declined_by_parent' END, NULL,
    '', '', '', '{}'
FROM course WHERE recorded AND to_carer IS NOT NULL;

INSERT INTO rhi_outcome (child_id, episode_id, interview_id, code, reason, at)
SELECT course.child_id, episode_id, id, outcome, reason, coalesce(course.held_at, offered_at)
FROM course JOIN rhi_interview ON id = n
WHERE outcome <> ''
ORDER BY n;
