-- Triggers of one table run in the order of their names: before RI_ConstraintTrigger..., so that a row's own
-- change is captured before the cascades that it causes.
CREATE TRIGGER "0_reeve_capture" AFTER INSERT OR UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION reeve_capture()
