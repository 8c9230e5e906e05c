BEGIN TRANSACTION;
CREATE TABLE addressees (
        name TEXT NOT NULL PRIMARY KEY,
        role TEXT NOT NULL,
        allowed_recipients TEXT,
        registered_at INTEGER NOT NULL
    ) STRICT
    ;
INSERT INTO "addressees" VALUES('xx','agent','["x"]',7);
INSERT INTO "addressees" VALUES('xy','agent',NULL,7);
CREATE TABLE agents (
        name TEXT NOT NULL PRIMARY KEY,
        role TEXT NOT NULL,
        desired TEXT NOT NULL,
        paused INTEGER NOT NULL DEFAULT 0,
        deployed_sha TEXT,
        note TEXT,
        model TEXT,
        status_text TEXT,
        status_set_at INTEGER,
        created_at INTEGER NOT NULL,
        changed_at INTEGER NOT NULL
    ) STRICT
    ;
INSERT INTO "agents" VALUES('xx','agent','x',7,'x','x','x','x',7,7,7);
INSERT INTO "agents" VALUES('xy','agent','x',7,NULL,NULL,NULL,NULL,NULL,7,7);
CREATE TABLE messages (
        id INTEGER NOT NULL PRIMARY KEY,
        sender TEXT NOT NULL,
        recipient TEXT NOT NULL,
        -- Before the body: a starting broker reads it without reading bodies.
        size INTEGER NOT NULL,
        body TEXT NOT NULL,
        kind TEXT NOT NULL,
        sent_at INTEGER NOT NULL,
        in_reply_to INTEGER,
        broadcast INTEGER NOT NULL DEFAULT 0,
        leased_at INTEGER,
        redelivered INTEGER NOT NULL DEFAULT 0,
        acked_at INTEGER
    ) STRICT
    ;
INSERT INTO "messages" VALUES(7,'x','x',7,'x','message',7,7,7,7,7,7);
INSERT INTO "messages" VALUES(8,'x','x',7,'x','message',7,NULL,7,NULL,7,NULL);
CREATE TABLE peers (
        name TEXT NOT NULL PRIMARY KEY,
        created_at INTEGER NOT NULL
    ) STRICT
    ;
INSERT INTO "peers" VALUES('xx',7);
INSERT INTO "peers" VALUES('xy',7);
CREATE TABLE "schema_migration" ("id" INTEGER NOT NULL PRIMARY KEY, "name" VARCHAR(255) NOT NULL, "applied" DATETIME NOT NULL);
INSERT INTO "schema_migration" VALUES(1,'0001_mail_and_agents','2026-11-20 05:55:12.358799');
CREATE UNIQUE INDEX "schema_migration_name" ON "schema_migration" ("name");
CREATE INDEX messages_recipient ON messages (recipient);
CREATE INDEX messages_unacked ON messages (id) WHERE acked_at IS NULL;
COMMIT;
