DROP TABLE public_kit_pads;
DROP TABLE public_kits;
DROP INDEX kits_public;
