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
CREATE TABLE agent_turns (
            agent TEXT NOT NULL,
            number INTEGER NOT NULL,
            began_at INTEGER NOT NULL,
            settled_at INTEGER,
            PRIMARY KEY (agent, number)
        ) STRICT, WITHOUT ROWID
        ;
INSERT INTO "agent_turns" VALUES('xx',7,7,7);
INSERT INTO "agent_turns" VALUES('xy',8,7,NULL);
CREATE TABLE agents (
        name TEXT NOT NULL PRIMARY KEY,
        role TEXT NOT NULL,
        desired TEXT NOT NULL,
        paused INTEGER NOT NULL DEFAULT 0,
        deployed_sha TEXT,
        start_error TEXT,
        model TEXT,
        status_text TEXT,
        status_set_at INTEGER,
        created_at INTEGER NOT NULL,
        changed_at INTEGER NOT NULL
    , needs_login INTEGER, revision TEXT, told_revision TEXT, rate_limited_until INTEGER, parked_reason TEXT, parked_at INTEGER, pause_reason TEXT, ending TEXT, ending_since INTEGER, checked_sha TEXT) STRICT
    ;
INSERT INTO "agents" VALUES('xx','agent','x',7,'x','x','x','x',7,7,7,7,'x','x',7,'x',7,'x','x',7,'x');
INSERT INTO "agents" VALUES('xy','agent','x',7,NULL,NULL,NULL,NULL,NULL,7,7,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE approvals (
        id INTEGER NOT NULL PRIMARY KEY,
        agent TEXT NOT NULL,
        kind TEXT NOT NULL,
        status TEXT NOT NULL,
        step TEXT NOT NULL,
        requested_at INTEGER NOT NULL,
        requested_by TEXT NOT NULL,
        commit_ref TEXT NOT NULL,
        sha TEXT NOT NULL,
        description TEXT,
        resolved_at INTEGER,
        note TEXT,
        tag TEXT,
        tries INTEGER NOT NULL DEFAULT 0,
        base_sha TEXT,
        existed INTEGER
    , notes_sha TEXT, cause TEXT) STRICT
    ;
INSERT INTO "approvals" VALUES(7,'x','message','pending','x',7,'x','x','x','x',7,'x','x',7,'x',7,'x','x');
INSERT INTO "approvals" VALUES(8,'x','message','pending','x',7,'x','x','x',NULL,NULL,NULL,NULL,7,NULL,NULL,NULL,NULL);
CREATE TABLE decisions (
        id INTEGER NOT NULL PRIMARY KEY,
        at INTEGER NOT NULL,
        approval_id INTEGER NOT NULL,
        agent TEXT NOT NULL,
        kind TEXT NOT NULL,
        verdict TEXT NOT NULL,
        sha TEXT,
        decided_by TEXT NOT NULL,
        note TEXT,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL
    ) STRICT
    ;
INSERT INTO "decisions" VALUES(7,7,7,'x','message','x','x','x','x','x','x');
INSERT INTO "decisions" VALUES(8,7,7,'x','message','x',NULL,'x',NULL,'x','x');
CREATE TABLE failed_messages (
            id INTEGER NOT NULL PRIMARY KEY,
            attempts INTEGER NOT NULL,
            outages INTEGER NOT NULL,
            reason TEXT NOT NULL,
            failing_since INTEGER NOT NULL,
            failed_at INTEGER NOT NULL,
            set_aside_at INTEGER
        ) STRICT
        ;
INSERT INTO "failed_messages" VALUES(7,7,7,'x',7,7,7);
INSERT INTO "failed_messages" VALUES(8,7,7,'x',7,7,NULL);
CREATE TABLE generations (
        name TEXT NOT NULL,
        number INTEGER NOT NULL,
        first_message_id INTEGER NOT NULL,
        began_at INTEGER NOT NULL,
        ended_at INTEGER,
        PRIMARY KEY (name, number)
    ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "generations" VALUES('xx',7,7,7,7);
INSERT INTO "generations" VALUES('xy',8,7,7,NULL);
CREATE TABLE kept_requests (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        at INTEGER NOT NULL,
        actor TEXT NOT NULL,
        reason TEXT NOT NULL,
        cmd TEXT NOT NULL,
        request TEXT NOT NULL,
        size INTEGER NOT NULL
    , generation INTEGER NOT NULL DEFAULT 0) STRICT
    ;
INSERT INTO "kept_requests" VALUES(7,'x',7,'x','x','x','x',7,7);
INSERT INTO "kept_requests" VALUES(8,'x',7,'x','x','x','x',7,7);
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
    , undelivered INTEGER NOT NULL DEFAULT 0, cause TEXT, thread INTEGER) STRICT
    ;
INSERT INTO "messages" VALUES(7,'x','x',7,'x','message',7,7,7,7,7,7,7,'x',7);
INSERT INTO "messages" VALUES(8,'x','x',7,'x','message',7,NULL,7,NULL,7,NULL,7,NULL,NULL);
CREATE TABLE peers (
        name TEXT NOT NULL PRIMARY KEY,
        created_at INTEGER NOT NULL
    , uid INTEGER, status_text TEXT, status_set_at INTEGER) STRICT
    ;
INSERT INTO "peers" VALUES('xx',7,7,'x',7);
INSERT INTO "peers" VALUES('xy',7,NULL,NULL,NULL);
CREATE TABLE questions (
        id INTEGER NOT NULL PRIMARY KEY,
        asker TEXT NOT NULL,
        target TEXT NOT NULL,
        question TEXT NOT NULL,
        options TEXT NOT NULL,
        multi INTEGER NOT NULL DEFAULT 0,
        asked_at INTEGER NOT NULL,
        deadline_at INTEGER,
        status TEXT NOT NULL,
        answer TEXT,
        answerer TEXT,
        resolved_at INTEGER
    , free_text INTEGER NOT NULL DEFAULT 1, duration_ms INTEGER, running_ms INTEGER, boot TEXT, cause TEXT) STRICT
    ;
INSERT INTO "questions" VALUES(7,'x','x','x','[]',7,7,7,'pending','x','x',7,7,7,7,'x','x');
INSERT INTO "questions" VALUES(8,'x','x','x','[]',7,7,NULL,'pending',NULL,NULL,NULL,7,NULL,NULL,NULL,NULL);
CREATE TABLE reminders (
        id INTEGER NOT NULL PRIMARY KEY,
        agent TEXT NOT NULL,
        message TEXT NOT NULL,
        file_path TEXT,
        due_at INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        sent_at INTEGER,
        attempts INTEGER NOT NULL DEFAULT 0,
        last_error TEXT
    , duration_ms INTEGER, running_ms INTEGER, boot TEXT, cause TEXT) STRICT
    ;
INSERT INTO "reminders" VALUES(7,'x','x','x',7,7,7,7,'x',7,7,'x','x');
INSERT INTO "reminders" VALUES(8,'x','x',NULL,7,7,NULL,7,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE review_comments (
        id INTEGER NOT NULL PRIMARY KEY,
        approval_id INTEGER NOT NULL,
        state TEXT NOT NULL,
        source TEXT NOT NULL,
        path TEXT NOT NULL,
        side TEXT NOT NULL,
        line INTEGER,
        quoted TEXT NOT NULL,
        text TEXT NOT NULL,
        sha TEXT NOT NULL,
        written_by TEXT NOT NULL,
        written_at INTEGER NOT NULL
    ) STRICT
    ;
INSERT INTO "review_comments" VALUES(7,7,'x','x','x','x',7,'x','x','x','x',7);
INSERT INTO "review_comments" VALUES(8,7,'x','x','x','x',NULL,'x','x','x','x',7);
CREATE TABLE "schema_migration" ("id" INTEGER NOT NULL PRIMARY KEY, "name" VARCHAR(255) NOT NULL, "applied" DATETIME NOT NULL);
INSERT INTO "schema_migration" VALUES(1,'0001_mail_and_agents','2026-11-27 13:37:27.610942');
INSERT INTO "schema_migration" VALUES(2,'0003_questions_and_reminders','2026-11-27 13:37:27.622816');
INSERT INTO "schema_migration" VALUES(3,'0004_approvals','2026-11-27 13:37:27.628860');
INSERT INTO "schema_migration" VALUES(4,'0005_peers_and_logins','2026-11-27 13:37:27.634822');
INSERT INTO "schema_migration" VALUES(5,'0006_revisions','2026-11-27 13:37:27.641137');
INSERT INTO "schema_migration" VALUES(6,'0007_rests','2026-11-27 13:37:27.649102');
INSERT INTO "schema_migration" VALUES(7,'0008_parked','2026-11-27 13:37:27.658215');
INSERT INTO "schema_migration" VALUES(8,'0009_sessions','2026-11-27 13:37:27.660557');
INSERT INTO "schema_migration" VALUES(9,'0010_approved_notes','2026-11-27 13:37:27.664619');
INSERT INTO "schema_migration" VALUES(10,'0011_suspensions','2026-11-27 13:37:27.670808');
INSERT INTO "schema_migration" VALUES(11,'0012_pause_reason','2026-11-27 13:37:27.677502');
INSERT INTO "schema_migration" VALUES(12,'0013_generations','2026-11-27 13:37:27.686272');
INSERT INTO "schema_migration" VALUES(13,'0016_failed_messages','2026-11-27 13:37:27.692729');
INSERT INTO "schema_migration" VALUES(14,'0017_pending_ends','2026-11-27 13:37:27.701486');
INSERT INTO "schema_migration" VALUES(15,'0021_free_text','2026-11-27 13:37:27.705207');
INSERT INTO "schema_migration" VALUES(16,'0022_suspended_generations','2026-11-27 13:37:27.712902');
INSERT INTO "schema_migration" VALUES(17,'0023_durations','2026-11-27 13:37:27.719779');
INSERT INTO "schema_migration" VALUES(18,'0024_checked_configurations','2026-11-27 13:37:27.725534');
INSERT INTO "schema_migration" VALUES(19,'0025_messages_by_sender','2026-11-27 13:37:27.741805');
INSERT INTO "schema_migration" VALUES(20,'0026_causes','2026-11-27 13:37:27.749471');
INSERT INTO "schema_migration" VALUES(21,'0028_review_comments','2026-11-27 13:37:27.754002');
CREATE TABLE sessions (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        digest TEXT NOT NULL UNIQUE,
        opened_at INTEGER NOT NULL,
        seen_at INTEGER NOT NULL,
        ends_at INTEGER NOT NULL,
        address TEXT NOT NULL,
        user_agent TEXT NOT NULL
    ) STRICT
    ;
INSERT INTO "sessions" VALUES(7,'xx',7,7,7,'x','x');
INSERT INTO "sessions" VALUES(8,'xy',7,7,7,'x','x');
CREATE TABLE site_name (name TEXT NOT NULL PRIMARY KEY) STRICT;
INSERT INTO "site_name" VALUES('xx');
INSERT INTO "site_name" VALUES('xy');
CREATE TABLE suspensions (
        name TEXT NOT NULL PRIMARY KEY,
        at INTEGER NOT NULL,
        reason TEXT NOT NULL
    , generation INTEGER NOT NULL DEFAULT 0) STRICT
    ;
INSERT INTO "suspensions" VALUES('xx',7,'x',7);
INSERT INTO "suspensions" VALUES('xy',7,'x',7);
CREATE TABLE turn_messages (
            agent TEXT NOT NULL,
            number INTEGER NOT NULL,
            message_id INTEGER NOT NULL,
            PRIMARY KEY (agent, number, message_id)
        ) STRICT, WITHOUT ROWID
        ;
INSERT INTO "turn_messages" VALUES('xx',7,7);
INSERT INTO "turn_messages" VALUES('xy',8,8);
CREATE TABLE viewed_files (
        approval_id INTEGER NOT NULL,
        content TEXT NOT NULL,
        viewed_at INTEGER NOT NULL,
        PRIMARY KEY (approval_id, content)
    ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "viewed_files" VALUES(7,'xx',7);
INSERT INTO "viewed_files" VALUES(8,'xy',7);
CREATE UNIQUE INDEX "schema_migration_name" ON "schema_migration" ("name");
CREATE INDEX messages_recipient ON messages (recipient);
CREATE INDEX messages_unacked ON messages (id) WHERE acked_at IS NULL;
CREATE INDEX questions_pending ON questions (id) WHERE status = 'pending';
CREATE INDEX reminders_pending ON reminders (due_at, id) WHERE sent_at IS NULL;
CREATE INDEX reminders_agent ON reminders (agent, sent_at);
CREATE INDEX approvals_agent ON approvals (agent, id);
CREATE INDEX approvals_open ON approvals (id) WHERE step NOT IN ('finalized', 'failed', 'closed');
CREATE INDEX kept_requests_of ON kept_requests (name, id);
CREATE INDEX messages_undelivered ON messages (id) WHERE undelivered = 1;
CREATE INDEX messages_sender ON messages (sender);
CREATE INDEX messages_cause ON messages (cause) WHERE cause IS NOT NULL;
CREATE INDEX questions_cause ON questions (cause) WHERE cause IS NOT NULL;
CREATE INDEX reminders_cause ON reminders (cause) WHERE cause IS NOT NULL;
CREATE INDEX approvals_cause ON approvals (cause) WHERE cause IS NOT NULL;
CREATE INDEX messages_thread ON messages (thread) WHERE thread IS NOT NULL;
CREATE INDEX agent_turns_began ON agent_turns (began_at);
CREATE INDEX turn_messages_message ON turn_messages (message_id);
CREATE INDEX review_comments_approval ON review_comments (approval_id, id);
CREATE INDEX decisions_approval ON decisions (approval_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('sessions',8);
INSERT INTO "sqlite_sequence" VALUES('kept_requests',8);
COMMIT;
