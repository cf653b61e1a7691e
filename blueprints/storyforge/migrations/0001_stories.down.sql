DROP TABLE current_leaves;
DROP TABLE nodes;
DROP TABLE stories;
