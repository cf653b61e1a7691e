DROP TABLE turn_clock;
DROP TABLE access_tokens;
DROP TABLE llm_endpoint_configs;
DROP TABLE users;
