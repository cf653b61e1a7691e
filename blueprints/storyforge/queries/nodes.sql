-- name: node_by_id :one
-- One node.
SELECT n.node_id, n.story_id, n.parent_id, n.node_type, n.content, n.summary, n.summary_is_stale, n.choice_text,
       n.metadata, n.version, n.created_at, n.updated_at
FROM nodes n WHERE n.node_id = :node_id AND n.deleted_at IS NULL;

-- name: nodes_by_ids :many
-- Many nodes in one question, by a list of ids.
SELECT n.node_id, n.story_id, n.parent_id, n.node_type, n.content, n.summary, n.summary_is_stale, n.choice_text,
       n.metadata, n.version, n.created_at, n.updated_at
FROM nodes n WHERE n.node_id = ANY (:node_ids::uuid[]) AND n.deleted_at IS NULL
ORDER BY n.created_at, n.node_id;

-- name: node_with_story :one
-- One node with its story.
SELECT n.node_id, n.story_id, n.parent_id, n.node_type, n.content, n.summary, n.summary_is_stale, n.choice_text,
       n.metadata, n.version, n.created_at, n.updated_at, s.owner, s.title, s.genre, s.description, s.status,
       s.context_depth, s.metadata AS story_metadata, s.version AS story_version, s.created_at AS story_created_at,
       s.updated_at AS story_updated_at
FROM nodes n JOIN stories s ON s.story_id = n.story_id
WHERE n.node_id = :node_id AND n.deleted_at IS NULL;

-- name: nodes_with_story :many
-- Nodes with their story in one question, the newest first, of all stories of an owner.
SELECT n.node_id, n.story_id, n.parent_id, n.node_type, n.content, n.summary, n.summary_is_stale, n.choice_text,
       n.metadata, n.version, n.created_at, n.updated_at, s.title, s.genre, s.status
FROM stories s JOIN nodes n ON n.story_id = s.story_id
WHERE s.owner = :owner AND n.deleted_at IS NULL
ORDER BY n.created_at DESC, n.node_id
LIMIT :rows::bigint;

-- name: newest_nodes :many
-- The newest nodes of a story.
SELECT n.node_id, n.story_id, n.parent_id, n.node_type, n.content, n.summary, n.summary_is_stale, n.choice_text,
       n.metadata, n.version, n.created_at, n.updated_at
FROM nodes n WHERE n.story_id = :story_id AND n.deleted_at IS NULL
ORDER BY n.created_at DESC, n.node_id
LIMIT :rows::bigint;

-- name: children :many
-- What hangs on a node, the oldest first.
SELECT n.node_id, n.story_id, n.parent_id, n.node_type, n.content, n.summary, n.summary_is_stale, n.choice_text,
       n.metadata, n.version, n.created_at, n.updated_at
FROM nodes n WHERE n.parent_id = :node_id AND n.deleted_at IS NULL
ORDER BY n.created_at, n.node_id;

-- name: siblings :many
-- What hangs on the same node as a node does, without itself.
SELECT n.node_id, n.story_id, n.parent_id, n.node_type, n.content, n.summary, n.summary_is_stale, n.choice_text,
       n.metadata, n.version, n.created_at, n.updated_at
FROM nodes o JOIN nodes n ON n.parent_id = o.parent_id
WHERE o.node_id = :node_id AND o.deleted_at IS NULL AND n.node_id <> o.node_id AND n.deleted_at IS NULL
ORDER BY n.created_at, n.node_id;

-- name: ancestors :many
-- A node and what it hangs on, the root first, up to a depth of ten if none is given.
WITH RECURSIVE up (id, above, distance) AS (
  SELECT n.node_id, n.parent_id, 0::bigint FROM nodes n
  WHERE n.node_id = :node_id AND n.deleted_at IS NULL AND COALESCE(:depth::bigint, 10) > 0
  UNION ALL
  SELECT n.node_id, n.parent_id, u.distance + 1 FROM up u JOIN nodes n ON n.node_id = u.above AND u.distance + 1 < COALESCE(:depth::bigint, 10))
SELECT n.node_id, n.story_id, n.parent_id, n.node_type, n.content, n.summary, n.summary_is_stale, n.choice_text,
       n.metadata, n.version, n.created_at, n.updated_at, u.distance
FROM up u JOIN nodes n ON n.node_id = u.id
ORDER BY u.distance DESC;

-- name: subtree :many
-- A node and all that hangs on it, by depth.
WITH RECURSIVE down (id, depth) AS (
  SELECT n.node_id, 0::bigint FROM nodes n WHERE n.node_id = :node_id AND n.deleted_at IS NULL
  UNION ALL
  SELECT n.node_id, d.depth + 1 FROM down d JOIN nodes n ON n.parent_id = d.id WHERE n.deleted_at IS NULL)
SELECT n.node_id, n.story_id, n.parent_id, n.node_type, n.content, n.summary, n.summary_is_stale, n.choice_text,
       n.metadata, n.version, n.created_at, n.updated_at, d.depth
FROM down d JOIN nodes n ON n.node_id = d.id
ORDER BY d.depth, n.created_at, n.node_id;

-- name: outline :many
-- A node and all that hangs on it, each with a label: its choice, or the beginning of its text. For `reeve tree`.
WITH RECURSIVE down (id, depth) AS (
  SELECT n.node_id, 0::bigint FROM nodes n WHERE n.node_id = :node_id AND n.deleted_at IS NULL
  UNION ALL
  SELECT n.node_id, d.depth + 1 FROM down d JOIN nodes n ON n.parent_id = d.id WHERE n.deleted_at IS NULL)
SELECT n.node_id, n.parent_id, COALESCE(n.choice_text, left(replace(n.content, chr(10), ' '), 60)) AS label, d.depth
FROM down d JOIN nodes n ON n.node_id = d.id
ORDER BY d.depth, n.created_at, n.node_id;

-- name: leaves :many
-- The nodes of a story on which nothing hangs: where each of its timelines ends.
SELECT n.node_id, n.story_id, n.parent_id, n.node_type, n.content, n.summary, n.summary_is_stale, n.choice_text,
       n.metadata, n.version, n.created_at, n.updated_at
FROM nodes n
WHERE n.story_id = :story_id AND n.deleted_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM nodes c WHERE c.parent_id = n.node_id AND c.deleted_at IS NULL)
ORDER BY n.created_at, n.node_id;

-- name: path_between :many
-- The nodes from one to another of the same tree, over the deepest that both hang on.
WITH RECURSIVE start_up (id, above, distance) AS (
  SELECT n.node_id, n.parent_id, 0::bigint FROM nodes n WHERE n.node_id = :from_id AND n.deleted_at IS NULL
  UNION ALL
  SELECT n.node_id, n.parent_id, u.distance + 1 FROM start_up u JOIN nodes n ON n.node_id = u.above),
end_up (id, above, distance) AS (
  SELECT n.node_id, n.parent_id, 0::bigint FROM nodes n WHERE n.node_id = :to_id AND n.deleted_at IS NULL
  UNION ALL
  SELECT n.node_id, n.parent_id, u.distance + 1 FROM end_up u JOIN nodes n ON n.node_id = u.above),
meeting (from_distance, to_distance) AS (
  SELECT s.distance, e.distance FROM start_up s JOIN end_up e ON e.id = s.id
  ORDER BY s.distance LIMIT 1),
steps (id, step) AS (
  SELECT s.id, s.distance FROM start_up s CROSS JOIN meeting m WHERE s.distance <= m.from_distance
  UNION ALL
  SELECT e.id, m.from_distance + m.to_distance - e.distance FROM end_up e CROSS JOIN meeting m
  WHERE e.distance < m.to_distance)
SELECT n.node_id, n.node_type, n.content, p.step
FROM steps p JOIN nodes n ON n.node_id = p.id
ORDER BY p.step;

-- name: nodes_by_metadata :many
-- The nodes of a story whose metadata contain what is given: {"mood": "dark"}.
SELECT n.node_id, n.story_id, n.parent_id, n.node_type, n.content, n.summary, n.summary_is_stale, n.choice_text,
       n.metadata, n.version, n.created_at, n.updated_at
FROM nodes n WHERE n.story_id = :story_id AND n.metadata @> :contained::jsonb AND n.deleted_at IS NULL
ORDER BY n.created_at, n.node_id;

-- name: lineage :many
-- A node and what it hangs on, as far as a depth or, without one, its story's context depth reaches; the node first.
WITH RECURSIVE up (id, above, distance, depth) AS (
  SELECT n.node_id, n.parent_id, 0::bigint, COALESCE(:depth::bigint, s.context_depth)
  FROM nodes n JOIN stories s ON s.story_id = n.story_id
  WHERE n.node_id = :node_id AND n.deleted_at IS NULL AND COALESCE(:depth::bigint, s.context_depth) > 0
  UNION ALL
  SELECT n.node_id, n.parent_id, u.distance + 1, u.depth
  FROM up u JOIN nodes n ON n.node_id = u.above WHERE u.distance + 1 < u.depth)
SELECT n.node_id, n.story_id, n.node_type, n.content, n.summary, n.summary_is_stale, n.choice_text, u.distance
FROM up u JOIN nodes n ON n.node_id = u.id
ORDER BY u.distance;

-- name: context :many
-- What a new scene behind a node has to know: the node and what it hangs on, as far as the story's context depth and a
-- budget of tokens reach, four characters of text and choice to a token. The newest are kept first; the oldest of those
-- comes first. Where the node itself is more than the budget, nothing is.
WITH RECURSIVE up (id, above, distance, depth) AS (
  SELECT n.node_id, n.parent_id, 0::bigint, s.context_depth
  FROM nodes n JOIN stories s ON s.story_id = n.story_id
  WHERE n.node_id = :node_id AND n.deleted_at IS NULL
  UNION ALL
  SELECT n.node_id, n.parent_id, u.distance + 1, u.depth
  FROM up u JOIN nodes n ON n.node_id = u.above WHERE u.distance + 1 < u.depth),
counted (id, distance, tokens, total) AS (
  SELECT u.id, u.distance, (length(n.content) + length(COALESCE(n.choice_text, '')) + 3)::bigint / 4,
         sum((length(n.content) + length(COALESCE(n.choice_text, '')) + 3) / 4) OVER (ORDER BY u.distance)::bigint
  FROM up u JOIN nodes n ON n.node_id = u.id)
SELECT n.node_id, n.node_type, n.choice_text, n.content, n.summary, c.tokens
FROM counted c JOIN nodes n ON n.node_id = c.id
WHERE c.total <= :tokens::bigint
ORDER BY c.distance DESC;

-- name: compare_branches :many
-- What two nodes do not share: their ways up to the deepest node that both hang on, side by side, step by step.
WITH RECURSIVE left_up (id, above, distance) AS (
  SELECT n.node_id, n.parent_id, 0::bigint FROM nodes n WHERE n.node_id = :left_id AND n.deleted_at IS NULL
  UNION ALL
  SELECT n.node_id, n.parent_id, u.distance + 1 FROM left_up u JOIN nodes n ON n.node_id = u.above),
right_up (id, above, distance) AS (
  SELECT n.node_id, n.parent_id, 0::bigint FROM nodes n WHERE n.node_id = :right_id AND n.deleted_at IS NULL
  UNION ALL
  SELECT n.node_id, n.parent_id, u.distance + 1 FROM right_up u JOIN nodes n ON n.node_id = u.above),
meeting (left_distance, right_distance) AS (
  SELECT a.distance, b.distance FROM left_up a JOIN right_up b ON b.id = a.id ORDER BY a.distance LIMIT 1),
steps (step, left_id, right_id) AS (
  SELECT m.left_distance - a.distance, a.id, NULL::uuid FROM left_up a CROSS JOIN meeting m
  WHERE a.distance < m.left_distance
  UNION ALL
  SELECT m.right_distance - b.distance, NULL::uuid, b.id FROM right_up b CROSS JOIN meeting m
  WHERE b.distance < m.right_distance),
pairs (step, left_id, right_id) AS (
  SELECT step, max(left_id::text), max(right_id::text) FROM steps GROUP BY step)
SELECT p.step, l.node_id AS left_id, l.content AS left_content, r.node_id AS right_id, r.content AS right_content
FROM pairs p
LEFT JOIN nodes l ON l.node_id = p.left_id::uuid
LEFT JOIN nodes r ON r.node_id = p.right_id::uuid
ORDER BY p.step;

-- name: branches :many
-- Two branches of a story in one answer. side is 'fork' for the deepest node that both hang on, 'left' and 'right' for
-- what each has alone: its way down from the fork and, where neither hangs on the other, all that hangs on its end.
-- depth counts from the fork; origin is the node that a copy was made of, or the node itself.
WITH RECURSIVE left_up (id, above, distance) AS (
  SELECT n.node_id, n.parent_id, 0::bigint FROM nodes n WHERE n.node_id = :left_id AND n.deleted_at IS NULL
  UNION ALL
  SELECT n.node_id, n.parent_id, u.distance + 1 FROM left_up u JOIN nodes n ON n.node_id = u.above),
right_up (id, above, distance) AS (
  SELECT n.node_id, n.parent_id, 0::bigint FROM nodes n WHERE n.node_id = :right_id AND n.deleted_at IS NULL
  UNION ALL
  SELECT n.node_id, n.parent_id, u.distance + 1 FROM right_up u JOIN nodes n ON n.node_id = u.above),
meeting (id, left_distance, right_distance) AS (
  SELECT a.id, a.distance, b.distance FROM left_up a JOIN right_up b ON b.id = a.id ORDER BY a.distance LIMIT 1),
left_down (id, depth) AS (
  SELECT a.id, m.left_distance FROM left_up a CROSS JOIN meeting m
  WHERE a.distance = 0 AND m.left_distance > 0 AND m.right_distance > 0
  UNION ALL
  SELECT n.node_id, d.depth + 1 FROM left_down d JOIN nodes n ON n.parent_id = d.id WHERE n.deleted_at IS NULL),
right_down (id, depth) AS (
  SELECT b.id, m.right_distance FROM right_up b CROSS JOIN meeting m
  WHERE b.distance = 0 AND m.left_distance > 0 AND m.right_distance > 0
  UNION ALL
  SELECT n.node_id, d.depth + 1 FROM right_down d JOIN nodes n ON n.parent_id = d.id WHERE n.deleted_at IS NULL),
parts (side, id, depth) AS (
  SELECT 'fork', m.id, 0::bigint FROM meeting m
  UNION ALL
  SELECT 'left', a.id, m.left_distance - a.distance FROM left_up a CROSS JOIN meeting m
  WHERE a.distance < m.left_distance
  UNION ALL
  SELECT 'left', d.id, d.depth FROM left_down d CROSS JOIN meeting m WHERE d.depth > m.left_distance
  UNION ALL
  SELECT 'right', b.id, m.right_distance - b.distance FROM right_up b CROSS JOIN meeting m
  WHERE b.distance < m.right_distance
  UNION ALL
  SELECT 'right', d.id, d.depth FROM right_down d CROSS JOIN meeting m WHERE d.depth > m.right_distance)
SELECT p.side, p.depth, COALESCE(n.metadata ->> 'copy_of', n.node_id::text) AS origin,
       n.node_id, n.story_id, n.parent_id, n.node_type, n.content, n.summary, n.summary_is_stale, n.choice_text,
       n.metadata, n.version, n.created_at, n.updated_at
FROM parts p JOIN nodes n ON n.node_id = p.id
ORDER BY p.side, p.depth, n.created_at, n.node_id;

-- name: nodes_created :many
-- The nodes that were created by the events from one to another, in their order: what a fork copied.
SELECT e.payload::jsonb ->> 'node_id' AS node_id
FROM reeve_events e
WHERE e.sequence BETWEEN :first_sequence::bigint AND :last_sequence::bigint AND e.type = 'node.created'
ORDER BY e.sequence;

-- name: pruned_branches :many
-- What was deleted in a story and can come back: the node that each pruning began with.
SELECT n.node_id, n.parent_id, n.content, n.deleted_at,
       (SELECT count(*) FROM nodes b WHERE b.pruned_by = n.pruned_by) AS nodes
FROM nodes n JOIN nodes p ON p.node_id = n.parent_id
WHERE n.story_id = :story_id AND n.pruned_by IS NOT NULL AND (p.pruned_by IS NULL OR p.pruned_by <> n.pruned_by)
ORDER BY n.deleted_at DESC, n.node_id;

-- name: stale_summaries :many
-- Nodes of a story whose text changed since they were summarized.
SELECT n.node_id, n.version, n.content, n.summary
FROM nodes n WHERE n.story_id = :story_id AND n.summary_is_stale AND n.deleted_at IS NULL
ORDER BY n.node_id;
