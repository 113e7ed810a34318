-- Every activation asks for the locations of one organization.

CREATE INDEX locations_by_organization ON locations (organization, seq);
