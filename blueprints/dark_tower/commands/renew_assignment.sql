-- A controller says that it still leads a meeting. Refused with a stale generation.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: stale generation :generation: another one leads the meeting :meeting_id in :region, or none
SELECT EXISTS (SELECT 1 FROM meeting_assignments WHERE meeting_id = :meeting_id AND region = :region
               AND status = 'active' AND generation = :generation);

-- emit: assignment.renewed
SELECT a.assignment_id, a.generation FROM meeting_assignments a
WHERE a.meeting_id = :meeting_id AND a.region = :region AND a.generation = :generation;
