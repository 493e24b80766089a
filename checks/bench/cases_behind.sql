-- The episodes behind a figure of one month, as somebody would write it by hand for each figure: the rows of the month
-- first, then what puts an episode in, asked of each at most once (BY_HAND in cases.py).
SELECT episode.id, episode.child_id
FROM episodes_episode episode
JOIN episodes_child child ON child.id = episode.child_id
LEFT JOIN rhi_outcome outcome ON outcome.episode_id = episode.id
WHERE episode.withdrawn_at IS NULL
    AND episode.kind = 'missing'
    AND child.responsible_authority_id IS NULL
    AND episode.last_seen_at >= %(first)s::date::timestamp AT TIME ZONE 'Europe/London'
    AND episode.last_seen_at < (%(last)s::date + 1)::timestamp AT TIME ZONE 'Europe/London'
    AND {condition}
ORDER BY episode.last_seen_at, episode.id
