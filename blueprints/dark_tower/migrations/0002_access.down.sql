DROP TABLE signing_keys;
DROP TABLE auth_events;
DROP TABLE service_credential_scopes;
DROP TABLE service_credentials;
