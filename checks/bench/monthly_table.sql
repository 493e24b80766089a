-- The monthly table as somebody would write it by hand for this purpose: one statement, a row of flags for every
-- episode, counted by month. Croydon's choices (month of last seen, only our children) are written in, where the
-- product reads them from the procedure.
--
-- It is written to be fast, and was mended wherever EXPLAIN showed a reason: the period is repeated in `record` and
-- `in_care`, so that a year does not read ten; no CTE is read twice, which would materialise it and keep PostgreSQL
-- from working in parallel; being looked after is joined once, not looked up for every episode and every figure; and
-- facts are gathered to one row an episode first, so that only children must be counted DISTINCT. It runs on the
-- product's own connection, with the same settings.
WITH
day AS (
    SELECT
        day::date AS day,
        extract(isodow FROM day) < 6 AND day::date <> ALL (%(holidays)s::date[]) AS is_worked,
        count(*) FILTER (WHERE extract(isodow FROM day) < 6 AND day::date <> ALL (%(holidays)s::date[]))
            OVER (ORDER BY day) AS number
    FROM generate_series(%(first)s::date, %(last)s::date + 400, interval '1 day') day
),
third_working_day AS (
    SELECT day.day, third.day AS third FROM day JOIN day third ON third.is_worked AND third.number = day.number + 3
),
-- What the interview records of an episode say together. Of several that were held, the first one counts.
record AS (
    SELECT
        link.episode_id,
        min(interview.held_at) AS held_at,
        bool_or(offer."to" IN ('child', 'parent') AND offer.offered_at IS NOT NULL) AS is_offered,
        bool_or(offer."to" = 'child' AND offer.response = 'accepted') AS is_accepted,
        bool_or(offer.response IN ('declined_by_child', 'declined_by_parent')) AS is_declined
    FROM episodes_episode episode
    JOIN rhi_interviewepisode link ON link.episode_id = episode.id
    JOIN rhi_interview interview ON interview.id = link.interview_id
    LEFT JOIN rhi_offer offer ON offer.interview_id = interview.id
    WHERE episode.last_seen_at >= %(first)s::date::timestamp AT TIME ZONE 'Europe/London'
        AND episode.last_seen_at < (%(last)s::date + 1)::timestamp AT TIME ZONE 'Europe/London'
    GROUP BY link.episode_id
),
in_care AS (
    SELECT DISTINCT episode.id
    FROM episodes_episode episode
    JOIN episodes_involvement involvement ON involvement.child_id = episode.child_id
    WHERE involvement.service = 'looked_after'
        AND involvement.start <= (episode.last_seen_at AT TIME ZONE 'Europe/London')::date
        AND (involvement."end" IS NULL OR involvement."end" >= (episode.last_seen_at AT TIME ZONE 'Europe/London')::date)
        AND episode.last_seen_at >= %(first)s::date::timestamp AT TIME ZONE 'Europe/London'
        AND episode.last_seen_at < (%(last)s::date + 1)::timestamp AT TIME ZONE 'Europe/London'
),
-- By their own dates, whenever the child was missing.
offered_in_month AS (
    SELECT
        date_trunc('month', offer.offered_at AT TIME ZONE 'Europe/London')::date AS month,
        count(DISTINCT episode.child_id) AS children
    FROM rhi_offer offer
    JOIN rhi_interviewepisode link ON link.interview_id = offer.interview_id
    JOIN episodes_episode episode ON episode.id = link.episode_id
    JOIN episodes_child child ON child.id = episode.child_id
    WHERE offer."to" IN ('child', 'parent')
        AND offer.offered_at >= %(first)s::date::timestamp AT TIME ZONE 'Europe/London'
        AND offer.offered_at < (%(last)s::date + 1)::timestamp AT TIME ZONE 'Europe/London'
        AND episode.withdrawn_at IS NULL AND episode.kind = 'missing' AND child.responsible_authority_id IS NULL
    GROUP BY 1
),
interviewed_in_month AS (
    SELECT
        date_trunc('month', interview.held_at AT TIME ZONE 'Europe/London')::date AS month,
        count(DISTINCT episode.child_id) AS children
    FROM rhi_interview interview
    JOIN rhi_interviewepisode link ON link.interview_id = interview.id
    JOIN episodes_episode episode ON episode.id = link.episode_id
    JOIN episodes_child child ON child.id = episode.child_id
    LEFT JOIN rhi_outcome outcome ON outcome.episode_id = episode.id
    WHERE interview.held_at >= %(first)s::date::timestamp AT TIME ZONE 'Europe/London'
        AND interview.held_at < (%(last)s::date + 1)::timestamp AT TIME ZONE 'Europe/London'
        AND episode.withdrawn_at IS NULL AND episode.kind = 'missing' AND child.responsible_authority_id IS NULL
        AND (outcome.id IS NULL OR outcome.code IN ('completed', 'covered', 'part_completed'))
    GROUP BY 1
),
flagged AS (
    SELECT
        date_trunc('month', episode.last_seen_at AT TIME ZONE 'Europe/London')::date AS month,
        episode.child_id, episode.kind,
        child.responsible_authority_id IS NULL AS is_ours,
        in_care.id IS NOT NULL AS is_looked_after,
        record.is_offered, record.is_accepted, record.is_declined, outcome.id IS NULL AS has_no_outcome,
        CASE WHEN outcome.id IS NULL THEN record.held_at IS NOT NULL
             ELSE outcome.code IN ('completed', 'covered', 'part_completed') END AS is_done,
        CASE WHEN outcome.id IS NULL OR outcome.code IN ('completed', 'covered', 'part_completed') THEN record.held_at END
            AS held_at,
        episode.returned_at, episode.notified_at,
        third_working_day.third
    FROM episodes_episode episode
    JOIN episodes_child child ON child.id = episode.child_id
    LEFT JOIN record ON record.episode_id = episode.id
    LEFT JOIN in_care ON in_care.id = episode.id
    LEFT JOIN rhi_outcome outcome ON outcome.episode_id = episode.id
    LEFT JOIN third_working_day ON third_working_day.day = (episode.returned_at AT TIME ZONE 'Europe/London')::date
    WHERE episode.withdrawn_at IS NULL
        AND episode.last_seen_at >= %(first)s::date::timestamp AT TIME ZONE 'Europe/London'
        AND episode.last_seen_at < (%(last)s::date + 1)::timestamp AT TIME ZONE 'Europe/London'
)
SELECT
    month,
    count(DISTINCT child_id) FILTER (WHERE kind = 'missing' AND is_ours) AS children_missing,
    count(DISTINCT child_id) FILTER (WHERE kind = 'missing' AND is_ours AND is_offered) AS children_offered,
    count(DISTINCT child_id) FILTER (WHERE kind = 'missing' AND is_ours AND is_done) AS children_done,
    count(*) FILTER (WHERE kind = 'missing' AND is_ours) AS episodes,
    count(*) FILTER (WHERE kind = 'missing' AND is_ours AND is_done) AS episodes_done,
    count(*) FILTER (WHERE kind = 'missing' AND is_ours AND is_looked_after) AS looked_after_episodes,
    count(*) FILTER (WHERE kind = 'missing' AND is_ours AND is_looked_after AND is_done) AS looked_after_episodes_done,
    count(*) FILTER (WHERE kind = 'missing' AND is_ours AND is_offered) AS episodes_offered,
    count(*) FILTER (WHERE kind = 'missing' AND is_ours AND is_accepted) AS episodes_accepted,
    count(*) FILTER (WHERE kind = 'missing' AND is_ours AND is_declined) AS episodes_declined,
    count(*) FILTER (WHERE kind = 'missing' AND is_ours AND held_at <= returned_at + interval '72 hours')
        AS held_within_72_hours,
    count(*) FILTER (WHERE kind = 'missing' AND is_ours AND held_at <= notified_at + interval '72 hours')
        AS held_within_72_hours_of_notification,
    count(*) FILTER (
        WHERE kind = 'missing' AND is_ours
            AND (held_at AT TIME ZONE 'Europe/London')::date <= (returned_at AT TIME ZONE 'Europe/London')::date + 3
    ) AS held_within_3_calendar_days,
    count(*) FILTER (WHERE kind = 'missing' AND is_ours AND (held_at AT TIME ZONE 'Europe/London')::date <= third)
        AS held_within_3_working_days,
    count(*) FILTER (WHERE kind = 'missing' AND is_ours AND held_at <= returned_at + interval '72 hours') AS in_time,
    count(*) FILTER (WHERE kind = 'missing' AND is_ours AND held_at > returned_at + interval '72 hours') AS late,
    count(*) FILTER (
        WHERE kind = 'missing' AND is_ours AND has_no_outcome AND held_at IS NULL
            AND returned_at >= %(now)s::timestamptz - interval '72 hours'
    ) AS open_in_time,
    count(*) FILTER (
        WHERE kind = 'missing' AND is_ours AND has_no_outcome AND held_at IS NULL
            AND returned_at < %(now)s::timestamptz - interval '72 hours'
    ) AS open_late,
    count(DISTINCT child_id) FILTER (WHERE kind = 'missing' AND NOT is_ours) AS other_authority_children,
    count(*) FILTER (WHERE kind = 'missing' AND NOT is_ours) AS other_authority_episodes,
    count(*) FILTER (WHERE kind = 'away' AND is_ours) AS away_episodes,
    coalesce(min(offered_in_month.children), 0) AS children_offered_in_month,
    coalesce(min(interviewed_in_month.children), 0) AS children_interviewed_in_month
FROM flagged
LEFT JOIN offered_in_month USING (month)
LEFT JOIN interviewed_in_month USING (month)
GROUP BY month
ORDER BY month
