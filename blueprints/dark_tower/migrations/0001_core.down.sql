DROP TABLE audit_index;
DROP TABLE participants;
DROP TABLE meetings;
DROP TABLE user_roles;
DROP TABLE users;
DROP TABLE organization;
