-- What libraries see of each other: kits that their owners made public, as they were when they were published. A copy, with the names of
-- sounds and what they hash to; no file, no path, and of the owner the name alone.
CREATE INDEX kits_public ON kits (name, kit_id) WHERE is_public;

-- reference: kits that their owners made public
CREATE TABLE public_kits (
  kit_id uuid PRIMARY KEY,
  owner text NOT NULL,
  name text NOT NULL,
  description text NOT NULL
);
CREATE INDEX public_kits_by_name ON public_kits (name, kit_id);

-- reference: what lies on their pads
CREATE TABLE public_kit_pads (
  kit_id uuid NOT NULL REFERENCES public_kits (kit_id),
  pad_bank text NOT NULL,
  pad_number integer NOT NULL,
  title text NOT NULL,
  content_hash text,
  volume double precision NOT NULL,
  pitch_shift integer NOT NULL,
  PRIMARY KEY (kit_id, pad_bank, pad_number)
);
