-- A register of version 1, as the program of that version wrote it; it is never changed.
BEGIN TRANSACTION;
CREATE TABLE files (
            sha256 TEXT NOT NULL,
            size INTEGER NOT NULL,
            PRIMARY KEY (sha256)) WITHOUT ROWID;
INSERT INTO "files" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',40960);
INSERT INTO "files" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',12);
CREATE TABLE findings (
            reading TEXT NOT NULL REFERENCES readings,
            number INTEGER NOT NULL,
            ods_code TEXT NOT NULL,
            id TEXT NOT NULL,
            severity TEXT NOT NULL,
            message TEXT NOT NULL,
            action TEXT NOT NULL,
            sheet TEXT NOT NULL,
            cell TEXT NOT NULL,
            reference TEXT NOT NULL,
            field TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (reading, number)) WITHOUT ROWID;
INSERT INTO "findings" VALUES('8736643d1ec582f57c4e9db890b39164b9ef6bb5f8299f30600c09777a6d2a7e',0,'','file-unreadable','error','broken.xlsx cannot be read: it is no whole .xlsx file','Ask for the file again; this one is left as it is','','','','','"broken.xlsx"');
INSERT INTO "findings" VALUES('99aaef036828dd79e1836c19cbd9e992c377d7d84c56970d8f64e28f6a77f28d',0,'RXK','rating-not-calculated','note','RXK Rating shows no results: the program that saved the file did not calculate it','Nothing; the rating is worked out from the entries','RXK Rating','','','','"RXK Rating"');
CREATE TABLE notes (
            id TEXT NOT NULL,
            ods_code TEXT NOT NULL,
            period TEXT NOT NULL,
            what TEXT NOT NULL,
            value TEXT NOT NULL,
            entered_by TEXT NOT NULL,
            entered TEXT NOT NULL,
            PRIMARY KEY (id)) WITHOUT ROWID;
INSERT INTO "notes" VALUES('d8c2de21efce1d69a9866066e8a75c8467c0140b691d58c91bf000ee8b7b8bdb','RXK','','lead_commissioner','Heart of Birmingham PCT','SHA','2011-10-21T00:00:00.000000+00:00');
CREATE TABLE ratings (
            reading TEXT NOT NULL REFERENCES readings,
            return TEXT NOT NULL REFERENCES returns,
            domains TEXT NOT NULL,
            results TEXT NOT NULL,
            declarations TEXT NOT NULL,
            missing INTEGER NOT NULL,
            PRIMARY KEY (reading, return)) WITHOUT ROWID;
INSERT INTO "ratings" VALUES('99aaef036828dd79e1836c19cbd9e992c377d7d84c56970d8f64e28f6a77f28d','2623f8a3b3181c553be02171093fcfb0e60d6ad37029ce9dc250ed23fa41bd8d','{"finance":{"category":"Challenged","continues":null,"declared":"Challenged","ladder":"framework","missed":null,"title":"Finance"},"quality":{"category":"Performing","continues":"ipm","declared":null,"ladder":"framework","missed":null,"title":"Quality of services"}}','{"finance_category":"Challenged","finance_score":2.05}','[{"category":"Challenged","declared_by":"Department","declared_on":"2011-10-03","domain":"finance","follows":"Quarterly meetings","organisation":"RXK","period":"2011-12-Q2","reference":"Letter 12"}]',3);
INSERT INTO "ratings" VALUES('99aaef036828dd79e1836c19cbd9e992c377d7d84c56970d8f64e28f6a77f28d','97daace10f45ea38be05edf37d2c70b0a714fb083ff131eff6883ffe752c1398','{}','{}','[]',70);
CREATE TABLE readings (
            id TEXT NOT NULL,
            file TEXT NOT NULL REFERENCES files,
            program TEXT NOT NULL,
            readable INTEGER NOT NULL,
            edition TEXT NOT NULL,
            period TEXT NOT NULL,
            sha TEXT NOT NULL,
            template TEXT NOT NULL,
            template_version TEXT NOT NULL,
            rulebook TEXT NOT NULL,
            deadline TEXT NOT NULL,
            PRIMARY KEY (id)) WITHOUT ROWID;
INSERT INTO "readings" VALUES('8736643d1ec582f57c4e9db890b39164b9ef6bb5f8299f30600c09777a6d2a7e','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','0.1.0',0,'','','','','','','');
INSERT INTO "readings" VALUES('99aaef036828dd79e1836c19cbd9e992c377d7d84c56970d8f64e28f6a77f28d','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','0.1.0',1,'2011-12','2011-12-Q2','Q34','0123456789abcdef','0.1.0','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','2011-10-20');
CREATE TABLE receipts (
            file TEXT NOT NULL REFERENCES files,
            name TEXT NOT NULL,
            received TEXT NOT NULL,
            PRIMARY KEY (file, name, received)) WITHOUT ROWID;
INSERT INTO "receipts" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','pf-return_2011-12-Q2_Q34_west-midlands.xlsx','2011-10-19T09:30:00.000000+00:00');
INSERT INTO "receipts" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','broken.xlsx','2011-10-19T10:00:00.000000+00:00');
CREATE TABLE returns (
            id TEXT NOT NULL,
            ods_code TEXT NOT NULL,
            trust_type TEXT NOT NULL,
            period TEXT NOT NULL,
            edition TEXT NOT NULL,
            blank INTEGER NOT NULL,
            content TEXT NOT NULL,
            PRIMARY KEY (id)) WITHOUT ROWID;
INSERT INTO "returns" VALUES('2623f8a3b3181c553be02171093fcfb0e60d6ad37029ce9dc250ed23fa41bd8d','RXK','acute','2011-12-Q2','2011-12',0,'{"comments":{"ytd_surplus":"Redundancies"},"sign_off":{"finance_director":"A. Name","finance_director_date":{"date":"2011-10-18"}},"values":{"finance_major_failing":"Challenged","finance_major_failing_date":{"date":"2011-10-03"},"ytd_surplus":-120.5}}');
INSERT INTO "returns" VALUES('97daace10f45ea38be05edf37d2c70b0a714fb083ff131eff6883ffe752c1398','RTH','acute','2011-12-Q2','2011-12',1,'{"comments":{},"sign_off":{},"values":{}}');
CREATE TRIGGER files_no_update BEFORE UPDATE ON files BEGIN SELECT RAISE(ABORT, 'entries of the register are never changed or removed'); END;
CREATE TRIGGER files_no_delete BEFORE DELETE ON files BEGIN SELECT RAISE(ABORT, 'entries of the register are never changed or removed'); END;
CREATE TRIGGER files_once BEFORE INSERT ON files WHEN EXISTS (SELECT 1 FROM files WHERE sha256 = NEW.sha256) BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER receipts_no_update BEFORE UPDATE ON receipts BEGIN SELECT RAISE(ABORT, 'entries of the register are never changed or removed'); END;
CREATE TRIGGER receipts_no_delete BEFORE DELETE ON receipts BEGIN SELECT RAISE(ABORT, 'entries of the register are never changed or removed'); END;
CREATE TRIGGER receipts_once BEFORE INSERT ON receipts WHEN EXISTS (SELECT 1 FROM receipts WHERE file = NEW.file AND name = NEW.name AND received = NEW.received) BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER readings_no_update BEFORE UPDATE ON readings BEGIN SELECT RAISE(ABORT, 'entries of the register are never changed or removed'); END;
CREATE TRIGGER readings_no_delete BEFORE DELETE ON readings BEGIN SELECT RAISE(ABORT, 'entries of the register are never changed or removed'); END;
CREATE TRIGGER readings_once BEFORE INSERT ON readings WHEN EXISTS (SELECT 1 FROM readings WHERE id = NEW.id) BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER returns_no_update BEFORE UPDATE ON returns BEGIN SELECT RAISE(ABORT, 'entries of the register are never changed or removed'); END;
CREATE TRIGGER returns_no_delete BEFORE DELETE ON returns BEGIN SELECT RAISE(ABORT, 'entries of the register are never changed or removed'); END;
CREATE TRIGGER returns_once BEFORE INSERT ON returns WHEN EXISTS (SELECT 1 FROM returns WHERE id = NEW.id) BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER ratings_no_update BEFORE UPDATE ON ratings BEGIN SELECT RAISE(ABORT, 'entries of the register are never changed or removed'); END;
CREATE TRIGGER ratings_no_delete BEFORE DELETE ON ratings BEGIN SELECT RAISE(ABORT, 'entries of the register are never changed or removed'); END;
CREATE TRIGGER ratings_once BEFORE INSERT ON ratings WHEN EXISTS (SELECT 1 FROM ratings WHERE reading = NEW.reading AND return = NEW.return) BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER findings_no_update BEFORE UPDATE ON findings BEGIN SELECT RAISE(ABORT, 'entries of the register are never changed or removed'); END;
CREATE TRIGGER findings_no_delete BEFORE DELETE ON findings BEGIN SELECT RAISE(ABORT, 'entries of the register are never changed or removed'); END;
CREATE TRIGGER findings_once BEFORE INSERT ON findings WHEN EXISTS (SELECT 1 FROM findings WHERE reading = NEW.reading AND number = NEW.number) BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER notes_no_update BEFORE UPDATE ON notes BEGIN SELECT RAISE(ABORT, 'entries of the register are never changed or removed'); END;
CREATE TRIGGER notes_no_delete BEFORE DELETE ON notes BEGIN SELECT RAISE(ABORT, 'entries of the register are never changed or removed'); END;
CREATE TRIGGER notes_once BEFORE INSERT ON notes WHEN EXISTS (SELECT 1 FROM notes WHERE id = NEW.id) BEGIN SELECT RAISE(IGNORE); END;
COMMIT;
PRAGMA application_id=1885758840;
PRAGMA user_version=1;
