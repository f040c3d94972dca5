-- A history as version 2 left it. Never changed: it stands for the databases in the field.
PRAGMA application_id=1348028240;
PRAGMA user_version=2;
BEGIN TRANSACTION;
CREATE TABLE conversation_messages(
            message INTEGER NOT NULL REFERENCES messages(id),
            conversation INTEGER NOT NULL REFERENCES conversations(id),
            PRIMARY KEY(message, conversation)) WITHOUT ROWID;
INSERT INTO "conversation_messages" VALUES(1,1);
INSERT INTO "conversation_messages" VALUES(2,1);
INSERT INTO "conversation_messages" VALUES(3,1);
CREATE TABLE conversations(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL,
            chat TEXT,
            created REAL NOT NULL,
            updated REAL NOT NULL);
INSERT INTO "conversations" VALUES(1,'abcdefgh','Why ö 😀?','2025-10-09-why-ö.chat.md',1760000000.0,1760000002.5);
CREATE TABLE erasures(id INTEGER PRIMARY KEY AUTOINCREMENT, started REAL NOT NULL);
CREATE TABLE messages(
            id INTEGER PRIMARY KEY,
            hash BLOB NOT NULL UNIQUE,
            parent INTEGER REFERENCES messages(id),
            role TEXT NOT NULL,
            content TEXT NOT NULL,
            exact BLOB,
            created REAL NOT NULL);
INSERT INTO "messages" VALUES(1,X'0646C5768BEDF5913D3049501E6FB59A6CB612EC7DECBC976EED710EFC58D166',NULL,'system','Be brief.',NULL,1760000000.0);
INSERT INTO "messages" VALUES(2,X'EE61AC67C75A876FBBAB05EFFCCDF3E6AF7729B02E922645B4E1F4086326DE1D',1,'user','Why ö 😀?',NULL,1760000000.0);
INSERT INTO "messages" VALUES(3,X'6713D92F7CC9C172BFEB682F24262DCC810C98ACA95F78E6CE08C5900A3A14DB',2,'assistant','Because of the weather.',NULL,1760000000.0);
CREATE TABLE partial_answers(
            id INTEGER PRIMARY KEY,
            turn INTEGER NOT NULL REFERENCES turns(id),
            text BLOB NOT NULL);
CREATE TABLE turns(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            conversation INTEGER NOT NULL REFERENCES conversations(id),
            leaf INTEGER NOT NULL REFERENCES messages(id),
            answer INTEGER REFERENCES messages(id),
            owner TEXT NOT NULL,
            status TEXT NOT NULL,
            action TEXT NOT NULL,
            document TEXT NOT NULL,
            host TEXT NOT NULL,
            model TEXT NOT NULL,
            reported_model TEXT,
            finish_reason TEXT,
            input_tokens INTEGER,
            output_tokens INTEGER,
            reasoning_tokens INTEGER,
            cached_tokens INTEGER,
            error_kind TEXT,
            error TEXT,
            created REAL NOT NULL,
            first_token REAL,
            finished REAL);
INSERT INTO "turns" VALUES(1,1,2,3,'server-0123456789abcdef','done','explain','file:///a.py','api.openai.com','gpt-5.5','gpt-5.5-2026-01-01','stop',12,5,NULL,0,NULL,NULL,1760000000.0,1760000001.0,1760000002.5);
CREATE INDEX messages_parent ON messages(parent);
CREATE INDEX conversations_updated ON conversations(updated);
CREATE INDEX conversations_chat ON conversations(chat);
CREATE INDEX conversation_messages_conversation ON conversation_messages(conversation);
CREATE INDEX turns_conversation ON turns(conversation);
CREATE INDEX turns_leaf ON turns(leaf);
CREATE INDEX turns_answer ON turns(answer);
CREATE INDEX turns_unfinished ON turns(owner) WHERE status IN ('pending', 'streaming');
CREATE INDEX partial_answers_turn ON partial_answers(turn);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('conversations',1);
INSERT INTO "sqlite_sequence" VALUES('turns',1);
CREATE VIRTUAL TABLE messages_fts USING fts5(
            content, content='messages', content_rowid='id',
            tokenize='unicode61 remove_diacritics 2', prefix='1');
INSERT INTO messages_fts(messages_fts) VALUES('rebuild');
COMMIT;
