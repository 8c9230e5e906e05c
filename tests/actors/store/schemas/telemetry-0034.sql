BEGIN TRANSACTION;
CREATE TABLE events (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        agent TEXT NOT NULL,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        known INTEGER NOT NULL,
        payload TEXT NOT NULL
    , facets INTEGER) STRICT
    ;
INSERT INTO "events" VALUES(7,'x',7,'message',7,'{}',7);
INSERT INTO "events" VALUES(8,'x',7,'message',7,'{}',NULL);
CREATE TABLE histories (
            agent TEXT NOT NULL PRIMARY KEY,
            first_event INTEGER NOT NULL,
            first_turn INTEGER NOT NULL
        ) STRICT
        ;
INSERT INTO "histories" VALUES('xx',7,7);
INSERT INTO "histories" VALUES('xy',7,7);
CREATE TABLE "schema_migration" ("id" INTEGER NOT NULL PRIMARY KEY, "name" VARCHAR(255) NOT NULL, "applied" DATETIME NOT NULL);
INSERT INTO "schema_migration" VALUES(1,'0001_events_turns_stats','2026-11-27 13:05:52.556413');
INSERT INTO "schema_migration" VALUES(2,'0002_histories','2026-11-27 13:05:52.584616');
INSERT INTO "schema_migration" VALUES(3,'0034_turn_log','2026-11-27 13:05:52.612978');
CREATE TABLE stats (
        agent TEXT NOT NULL,
        ts INTEGER NOT NULL,
        key TEXT NOT NULL,
        value REAL NOT NULL,
        PRIMARY KEY (agent, key, ts)
    ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "stats" VALUES('xx',7,'xx',1.5);
INSERT INTO "stats" VALUES('xy',8,'xy',1.5);
CREATE TABLE turns (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        agent TEXT NOT NULL,
        ended_at INTEGER NOT NULL,
        duration_ms INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        cost_usd REAL,
        stats TEXT NOT NULL
    , first_event INTEGER NOT NULL DEFAULT 0, last_event INTEGER NOT NULL DEFAULT 0) STRICT
    ;
INSERT INTO "turns" VALUES(7,'x',7,7,'x',1.5,'{}',7,7);
INSERT INTO "turns" VALUES(8,'x',7,7,'x',NULL,'{}',7,7);
CREATE UNIQUE INDEX "schema_migration_name" ON "schema_migration" ("name");
CREATE INDEX events_agent ON events (agent);
CREATE INDEX turns_agent ON turns (agent);
CREATE INDEX turns_in_log ON turns (agent, first_event);
CREATE INDEX events_without_facets ON events (agent) WHERE facets IS NULL;
CREATE INDEX events_of_errors ON events (agent) WHERE facets & 1;
CREATE INDEX events_of_tools ON events (agent) WHERE facets & 2;
CREATE INDEX events_of_mail ON events (agent) WHERE facets & 4;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('events',8);
INSERT INTO "sqlite_sequence" VALUES('turns',8);
COMMIT;
