BEGIN TRANSACTION;
CREATE TABLE jobs (
	id VARCHAR(32) NOT NULL, 
	origin_key VARCHAR(120) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	user_id BIGINT NOT NULL, 
	endpoint_id TEXT NOT NULL, 
	credits FLOAT NOT NULL, 
	created_at BIGINT NOT NULL, 
	due_at BIGINT, 
	redraw BOOLEAN NOT NULL, 
	lease VARCHAR(32), 
	lease_until BIGINT, 
	grant TEXT, 
	grant_until BIGINT, 
	document TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (origin_key)
);
INSERT INTO "jobs" VALUES('00000000000000000000000000000000','interaction:1','accepted',7,'PrOhEE',0.0,1795521600000000,1795521600000000,0,NULL,NULL,'{"application_id":1,"token":"a-secret-token","expires_at":"2026-11-24T12:15:00Z"}',1795522500000000,'{"id":"00000000000000000000000000000000","status":"accepted","origin":{"kind":"command","key":"interaction:1","event_id":536701875253367624,"user_id":7,"channel_id":30,"guild_id":3,"file_limit_bytes":10485760,"reply_to":null},"request":{"endpoint_id":"PrOhEE","endpoint_name":"CNY-SnakeYear","command":"cny-snakeyear","cover_url":"https://example.com/cover.png","credits":null,"values":[{"field_id":"seed_56","name":"seed","kind":"seed","text":"20","seeds":{"low":0,"high":9007199254740991,"choices":[]}}],"inputs":[{"field_id":"load_image_22","name":"image","filename":"me.png","url":"https://example.com/me.png","stored":null}]},"created_at":"2026-11-24T12:00:00Z","changed_at":"2026-11-24T12:00:00Z","progress":null,"outputs":[],"posted":{"message_ids":[1000],"shown":"abc","limit_bytes":null,"reacted":false,"notified":false},"failure":null,"tries":0,"crashes":0}');
INSERT INTO "jobs" VALUES('00000000000000000000000000000001','interaction:2','submitting',7,'PrOhEE',0.0,1795521600000000,1795521600000000,0,NULL,NULL,NULL,NULL,'{"id":"00000000000000000000000000000001","status":"submitting","origin":{"kind":"command","key":"interaction:2","event_id":416862501118922825,"user_id":7,"channel_id":30,"guild_id":3,"file_limit_bytes":10485760,"reply_to":null},"request":{"endpoint_id":"PrOhEE","endpoint_name":"CNY-SnakeYear","command":"cny-snakeyear","cover_url":"https://example.com/cover.png","credits":null,"values":[{"field_id":"seed_56","name":"seed","kind":"seed","text":"20","seeds":{"low":0,"high":9007199254740991,"choices":[]}}],"inputs":[{"field_id":"load_image_22","name":"image","filename":"me.png","url":"https://example.com/me.png","stored":null}]},"created_at":"2026-11-24T12:00:00Z","changed_at":"2026-11-24T12:00:00Z","progress":null,"outputs":[],"posted":{"message_ids":[1001],"shown":"abc","limit_bytes":null,"reacted":false,"notified":false},"failure":null,"tries":0,"crashes":0}');
INSERT INTO "jobs" VALUES('00000000000000000000000000000002','interaction:3','running',7,'PrOhEE',0.0,1795521600000000,1795521600000000,0,NULL,NULL,NULL,NULL,'{"id":"00000000000000000000000000000002","status":"running","origin":{"kind":"command","key":"interaction:3","event_id":3967048689869001007,"user_id":7,"channel_id":30,"guild_id":3,"file_limit_bytes":10485760,"reply_to":null},"request":{"endpoint_id":"PrOhEE","endpoint_name":"CNY-SnakeYear","command":"cny-snakeyear","cover_url":"https://example.com/cover.png","credits":null,"values":[{"field_id":"seed_56","name":"seed","kind":"seed","text":"20","seeds":{"low":0,"high":9007199254740991,"choices":[]}}],"inputs":[{"field_id":"load_image_22","name":"image","filename":"me.png","url":"https://example.com/me.png","stored":null}]},"created_at":"2026-11-24T12:00:00Z","changed_at":"2026-11-24T12:00:00Z","progress":null,"outputs":[],"posted":{"message_ids":[1002],"shown":"abc","limit_bytes":null,"reacted":false,"notified":false},"failure":null,"tries":0,"crashes":0}');
INSERT INTO "jobs" VALUES('00000000000000000000000000000003','interaction:4','downloading',7,'PrOhEE',0.0,1795521600000000,1795521600000000,0,NULL,NULL,NULL,NULL,'{"id":"00000000000000000000000000000003","status":"downloading","origin":{"kind":"command","key":"interaction:4","event_id":3450959740709474714,"user_id":7,"channel_id":30,"guild_id":3,"file_limit_bytes":10485760,"reply_to":null},"request":{"endpoint_id":"PrOhEE","endpoint_name":"CNY-SnakeYear","command":"cny-snakeyear","cover_url":"https://example.com/cover.png","credits":null,"values":[{"field_id":"seed_56","name":"seed","kind":"seed","text":"20","seeds":{"low":0,"high":9007199254740991,"choices":[]}}],"inputs":[{"field_id":"load_image_22","name":"image","filename":"me.png","url":"https://example.com/me.png","stored":null}]},"created_at":"2026-11-24T12:00:00Z","changed_at":"2026-11-24T12:00:00Z","progress":null,"outputs":[],"posted":{"message_ids":[1003],"shown":"abc","limit_bytes":null,"reacted":false,"notified":false},"failure":null,"tries":0,"crashes":0}');
INSERT INTO "jobs" VALUES('00000000000000000000000000000004','interaction:5','delivering',7,'PrOhEE',0.0,1795521600000000,1795521600000000,0,NULL,NULL,NULL,NULL,'{"id":"00000000000000000000000000000004","status":"delivering","origin":{"kind":"command","key":"interaction:5","event_id":2775463460851700607,"user_id":7,"channel_id":30,"guild_id":3,"file_limit_bytes":10485760,"reply_to":null},"request":{"endpoint_id":"PrOhEE","endpoint_name":"CNY-SnakeYear","command":"cny-snakeyear","cover_url":"https://example.com/cover.png","credits":null,"values":[{"field_id":"seed_56","name":"seed","kind":"seed","text":"20","seeds":{"low":0,"high":9007199254740991,"choices":[]}}],"inputs":[{"field_id":"load_image_22","name":"image","filename":"me.png","url":"https://example.com/me.png","stored":null}]},"created_at":"2026-11-24T12:00:00Z","changed_at":"2026-11-24T12:00:00Z","progress":null,"outputs":[],"posted":{"message_ids":[1004],"shown":"abc","limit_bytes":null,"reacted":false,"notified":false},"failure":null,"tries":0,"crashes":0}');
INSERT INTO "jobs" VALUES('00000000000000000000000000000005','interaction:6','delivered',7,'PrOhEE',0.0,1795521600000000,1795521600000000,0,NULL,NULL,NULL,NULL,'{"id":"00000000000000000000000000000005","status":"delivered","origin":{"kind":"command","key":"interaction:6","event_id":665498728434275026,"user_id":7,"channel_id":30,"guild_id":3,"file_limit_bytes":10485760,"reply_to":null},"request":{"endpoint_id":"PrOhEE","endpoint_name":"CNY-SnakeYear","command":"cny-snakeyear","cover_url":"https://example.com/cover.png","credits":null,"values":[{"field_id":"seed_56","name":"seed","kind":"seed","text":"20","seeds":{"low":0,"high":9007199254740991,"choices":[]}}],"inputs":[{"field_id":"load_image_22","name":"image","filename":"me.png","url":"https://example.com/me.png","stored":null}]},"created_at":"2026-11-24T12:00:00Z","changed_at":"2026-11-24T12:00:00Z","progress":null,"outputs":[],"posted":{"message_ids":[1005],"shown":"abc","limit_bytes":null,"reacted":false,"notified":false},"failure":null,"tries":0,"crashes":0}');
INSERT INTO "jobs" VALUES('00000000000000000000000000000006','interaction:7','undeliverable',7,'PrOhEE',0.0,1795521600000000,1795521600000000,0,NULL,NULL,NULL,NULL,'{"id":"00000000000000000000000000000006","status":"undeliverable","origin":{"kind":"command","key":"interaction:7","event_id":1374463241199243723,"user_id":7,"channel_id":30,"guild_id":3,"file_limit_bytes":10485760,"reply_to":null},"request":{"endpoint_id":"PrOhEE","endpoint_name":"CNY-SnakeYear","command":"cny-snakeyear","cover_url":"https://example.com/cover.png","credits":null,"values":[{"field_id":"seed_56","name":"seed","kind":"seed","text":"20","seeds":{"low":0,"high":9007199254740991,"choices":[]}}],"inputs":[{"field_id":"load_image_22","name":"image","filename":"me.png","url":"https://example.com/me.png","stored":null}]},"created_at":"2026-11-24T12:00:00Z","changed_at":"2026-11-24T12:00:00Z","progress":null,"outputs":[],"posted":{"message_ids":[1006],"shown":"abc","limit_bytes":null,"reacted":false,"notified":false},"failure":null,"tries":0,"crashes":0}');
INSERT INTO "jobs" VALUES('00000000000000000000000000000007','interaction:8','failed',7,'PrOhEE',0.0,1795521600000000,1795521600000000,0,NULL,NULL,NULL,NULL,'{"id":"00000000000000000000000000000007","status":"failed","origin":{"kind":"command","key":"interaction:8","event_id":1882747894109147462,"user_id":7,"channel_id":30,"guild_id":3,"file_limit_bytes":10485760,"reply_to":null},"request":{"endpoint_id":"PrOhEE","endpoint_name":"CNY-SnakeYear","command":"cny-snakeyear","cover_url":"https://example.com/cover.png","credits":null,"values":[{"field_id":"seed_56","name":"seed","kind":"seed","text":"20","seeds":{"low":0,"high":9007199254740991,"choices":[]}}],"inputs":[{"field_id":"load_image_22","name":"image","filename":"me.png","url":"https://example.com/me.png","stored":null}]},"created_at":"2026-11-24T12:00:00Z","changed_at":"2026-11-24T12:00:00Z","progress":null,"outputs":[],"posted":{"message_ids":[1007],"shown":"abc","limit_bytes":null,"reacted":false,"notified":false},"failure":null,"tries":0,"crashes":0}');
CREATE TABLE messages (
	message_id BIGINT NOT NULL, 
	job_id VARCHAR(32) NOT NULL, 
	PRIMARY KEY (message_id), 
	FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
);
INSERT INTO "messages" VALUES(1000,'00000000000000000000000000000000');
INSERT INTO "messages" VALUES(1001,'00000000000000000000000000000001');
INSERT INTO "messages" VALUES(1002,'00000000000000000000000000000002');
INSERT INTO "messages" VALUES(1003,'00000000000000000000000000000003');
INSERT INTO "messages" VALUES(1004,'00000000000000000000000000000004');
INSERT INTO "messages" VALUES(1005,'00000000000000000000000000000005');
INSERT INTO "messages" VALUES(1006,'00000000000000000000000000000006');
INSERT INTO "messages" VALUES(1007,'00000000000000000000000000000007');
CREATE TABLE notes (
	"key" VARCHAR(100) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "notes" VALUES('schema','1');
INSERT INTO "notes" VALUES('published everywhere','digest');
CREATE INDEX jobs_redraw ON jobs (redraw) WHERE redraw;
CREATE INDEX jobs_due ON jobs (due_at);
CREATE INDEX ix_jobs_grant_until ON jobs (grant_until);
CREATE INDEX jobs_member ON jobs (user_id, created_at);
CREATE INDEX ix_messages_job_id ON messages (job_id);
COMMIT;
