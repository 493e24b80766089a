-- One team's tray as it would look after years of work: the newest referrals are open, all before them are closed.
--
-- Three children in a hundred are restricted, workers hold a third of the open referrals, and what is open came in
-- over the last six days, so that about half of it is late.

-- What refers to what is right by construction, so that the keys need not be checked row by row.
SET LOCAL session_replication_role = replica;

INSERT INTO staff_team (id, name, kind) VALUES (1, 'Missing Team', 'service');

INSERT INTO staff_user (id, email, name, password, role, is_active)
SELECT n, 'worker' || n || '@example.org', 'Worker ' || n, '', CASE n WHEN 1 THEN 'team_leader' ELSE 'caseworker' END, true
FROM generate_series(1, 30) n;

INSERT INTO staff_membership (user_id, team_id, may_reassign) SELECT n, 1, false FROM generate_series(1, 30) n;

INSERT INTO episodes_child (
    id, child_id, first_name, last_name, date_of_birth, sex, area, restricted, typed,
    address_1, address_2, address_3, address_4, postcode, phone, email, ethnicity, language
)
SELECT
    n, 'B' || n, 'Robin', 'Example', %(now)s::date - 2800 - (n * 97) %% 3600, '', 'Croydon', n %% 33 = 0, '{}',
    '', '', '', '', '', '', '', '', ''
FROM generate_series(1, %(referrals)s) n;

CREATE TEMPORARY TABLE arrival ON COMMIT DROP AS
SELECT
    n, n > %(referrals)s - %(open)s AS open,
    CASE
        WHEN n > %(referrals)s - %(open)s
        THEN %(now)s - interval '6 days' * (%(referrals)s - n) / %(open)s
        ELSE %(now)s - interval '7 days' - interval '20 minutes' * (%(referrals)s - n)
    END AS at,
    CASE WHEN n %% 3 = 0 THEN 1 + (n / 3) %% 30 END AS worker
FROM generate_series(1, %(referrals)s) n;

INSERT INTO episodes_episode (
    id, episode_id, child_id, kind, last_seen_at, returned_at, notified_at, history, withdrawn_because,
    return_precision, source, police_ref, police_risk, missing_from, ended_how, circumstances, typed
)
SELECT
    n, 'B' || n, n, 'missing', at - interval '10 hours', at - interval '1 hour', at, false, '',
    'exact', 'police', 'MP/' || n, 'medium', 'family_home', 'returned', 'Left by the back door at bedtime.', '{}'
FROM arrival ORDER BY n;

INSERT INTO routing_referral (id, child_id, version_id, destination, question, in_tray_at, closed_at)
SELECT
    n, n, (SELECT min(id) FROM procedures_version),
    CASE WHEN n %% 50 = 0 THEN 'discuss' ELSE 'tray' END,
    CASE WHEN n %% 50 = 0 THEN 'Who is better placed to hold the interview?' ELSE '' END,
    at, CASE WHEN NOT open THEN at + interval '4 days' END
FROM arrival ORDER BY n;

INSERT INTO routing_referralepisode (child_id, referral_id, episode_id) SELECT n, n, n FROM arrival ORDER BY n;

INSERT INTO routing_allocation (child_id, referral_id, team_id, worker_id, since, rule, because)
SELECT n, n, 1, worker, at, 'default', 'No rule matched, so the team holds it.' FROM arrival ORDER BY n;

INSERT INTO episodes_access (child_id, team_id, user_id, basis, since, because, ended_because)
SELECT n, 1, worker, 'allocation', at, '', '' FROM arrival ORDER BY n;

INSERT INTO routing_deadline (
    child_id, referral_id, episode_id, name, starts_at, due_at, met_at, settled, late_on_arrival
)
SELECT
    n, n, CASE WHEN of_episode THEN n END, name, at, at + length,
    CASE WHEN NOT open OR (name = 'assign' AND worker IS NOT NULL) THEN at + interval '20 hours' END,
    CASE WHEN NOT open OR (name = 'assign' AND worker IS NOT NULL) THEN 'met' ELSE '' END, false
FROM arrival, (
    VALUES
        ('seventy_two_hours', true, interval '71 hours'),
        ('three_working_days', true, interval '80 hours'),
        ('offer', true, interval '72 hours'),
        ('contact', true, interval '120 hours'),
        ('assign', false, interval '24 hours')
) clock (name, of_episode, length)
ORDER BY n;

INSERT INTO rhi_interview (
    id, reference, child_id, referral_id, team_id, worker_id, held_at, method, written_up_at, outcome, reason,
    independence, sign_off_comment, typed
)
SELECT
    n, 'B' || n, n, n, 1, worker, CASE WHEN NOT open THEN at + interval '3 days' END,
    CASE WHEN open THEN '' ELSE 'face_to_face' END, CASE WHEN NOT open THEN at + interval '4 days' END,
    CASE WHEN open THEN '' ELSE 'completed' END, '', '', '', '{}'
FROM arrival WHERE NOT open OR n %% 2 = 0 ORDER BY n;

INSERT INTO rhi_interviewepisode (child_id, interview_id, episode_id) SELECT id, id, id FROM rhi_interview;

INSERT INTO rhi_attempt (child_id, interview_id, attempted_at, method, contacted, result, note, typed)
SELECT id, id, at + interval '5 hours' * try, 'phone', 'child', 'no_answer', '', '{}'
FROM rhi_interview JOIN arrival ON n = id, generate_series(1, 2) try WHERE id %% 4 = 0 OR try = 1;

INSERT INTO rhi_offer (child_id, interview_id, "to", offered_at, route, method, response, declined_because, typed)
SELECT id, id, 'child', at + interval '20 hours', 'phone', 'face_to_face', CASE WHEN open THEN '' ELSE 'accepted' END, '', '{}'
FROM rhi_interview JOIN arrival ON n = id WHERE NOT open OR id %% 4 = 0;
