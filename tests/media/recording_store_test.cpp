// Uploads to a real server of S3, which knows its keys and refuses what is signed by others.

#include "core/base/digest.h"
#include "core/media/recording/keeper.h"
#include "core/media/recording/shelf_reader.h"
#include "core/media/recording/uploader.h"
#include "core/storage/recording_folder.h"
#include "core/storage/stored_recordings.h"
#include "tests/media/support/store_server.h"

#include <QDir>
#include <QRandomGenerator>

namespace headgate {
namespace {

using namespace test;

S3Client::Patience impatient()
{
    S3Client::Patience patience;
    patience.tries = 2;
    patience.silence = Duration(2000);
    patience.firstPause = Duration(100);
    return patience;
}

std::string bytesOf(std::size_t size, char seed)
{
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        text[i] = static_cast<char>(static_cast<unsigned char>(seed) + i * 7 % 251);
    return text;
}

// A recording that is over, of so many files.
RecordingManifest makeRecording(const std::string& folder, int number, std::size_t files, std::size_t size)
{
    RecordingManifest manifest;
    manifest.stream = *StreamKey::parse("live/show" + std::to_string(number));
    manifest.epoch = 1000 + static_cast<std::uint64_t>(number);
    manifest.startedAt = fromEpochMs(1'795'000'000'000 + number * 1000);
    manifest.id = recordingIdOf(manifest.stream, manifest.epoch, NodeId("n"), manifest.startedAt, 1);
    manifest.isComplete = true;
    const QString path = QString::fromStdString(folder + "/" + manifest.id);
    QDir().mkpath(path);
    for (std::size_t i = 0; i < files; ++i) {
        RecordedSegment segment;
        segment.file = std::to_string(100'000 + i) + ".mp4";
        segment.length = Duration(2000);
        segment.bytes = static_cast<std::int64_t>(size + i);
        segment.initBytes = 10;
        segment.at = manifest.startedAt;
        QFile file(path + "/" + QString::fromStdString(segment.file));
        file.open(QIODevice::WriteOnly);
        file.write(QByteArray::fromStdString(bytesOf(size + i, static_cast<char>(i))));
        manifest.segments.push_back(segment);
    }
    static_cast<void>(recording_folder::writeManifest(folder, manifest));
    return manifest;
}

RecordingSettings recordingTo(const S3Settings& store)
{
    RecordingSettings settings;
    settings.isOn = true;
    settings.store = store;
    return settings;
}

// Uploads until somebody kills it; its settings come in its environment.
int uploadForEver(const char* folder)
{
    const Log log(LogLevel::Error);
    S3Settings store;
    store.endpoint = qgetenv("TEST_ENDPOINT").toStdString();
    store.bucket = bucket;
    store.prefix = qgetenv("TEST_PREFIX").toStdString();
    store.accessKey = qgetenv("TEST_ACCESS").toStdString();
    store.secretKey = qgetenv("TEST_SECRET").toStdString();
    recording::Uploader uploader(folder, log);
    uploader.apply(recordingTo(store));
    std::this_thread::sleep_for(std::chrono::seconds(60));
    return 0;
}

}  // namespace

class RecordingStoreTest : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    StoreServer m_server;
    S3Settings m_store;

    std::string folder(const char* name) const { return m_dir.filePath(name).toStdString(); }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(m_server.start(m_dir.filePath("store.log")), "The store does not start.");
        m_store = m_server.settings();
    }

    void aProvisionChoosesWhereItsFilesGo()
    {
        const std::string shelf = folder("chosen");
        S3Settings store = m_store;
        store.prefix = "chosen/";
        RecordingManifest manifest = makeRecording(shelf, 77, 2, 1000);
        manifest.place = {std::string(bucket) + "-own", "shows/cup"};
        QVERIFY(recording_folder::writeManifest(shelf, manifest).has_value());
        const Log log(LogLevel::Error);
        recording::Uploader uploader(shelf, log);
        uploader.apply(recordingTo(store));
        QVERIFY(waitUntil([&] { return recording_folder::list(shelf).empty(); }, 30'000));

        S3Client own(stored_recordings::placeOf(store, manifest), impatient()), ofGroup(store, impatient());
        const std::string file = manifest.id + "/" + manifest.segments[0].file;
        QCOMPARE(own.get("shows/cup/" + file).value_or(""), bytesOf(1000, 0));
        QVERIFY(!ofGroup.get("chosen/" + file));
        QCOMPARE(stored_recordings::list(store).value_or(std::vector<std::string>()),
                 std::vector<std::string>{manifest.id});
        const auto kept = stored_recordings::readManifest(store, manifest.id);
        QVERIFY(kept && kept->place == manifest.place && kept->isStored);

        recording::ShelfReader reader(folder("nothing"));
        reader.setStore(store);
        std::unique_ptr<S3Client> client;
        QCOMPARE(reader.part(manifest.id, manifest.segments[1].file, {5, 10}, client).value_or(""),
                 bytesOf(1001, 1).substr(5, 10));
        const auto played = reader.segment(*kept, 0);
        QVERIFY(played && played->init->size() == 10 && played->media->size() == 990);

        QCOMPARE(stored_recordings::remove(store, manifest.id).value_or(-1), 3);
        QVERIFY(stored_recordings::list(store)->empty() && !own.get("shows/cup/" + file));

        manifest.place.folder = "../others";
        QVERIFY(!recordingManifestOf(toText(manifest)));
    }

    // As botocore, which others sign with, does it.
    void signaturesAreThoseOfOthers()
    {
        S3Settings store;
        store.endpoint = "http://127.0.0.1:9000";
        store.bucket = bucket;
        store.accessKey = "AKIDEXAMPLE";
        store.secretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        const TimePoint now = fromEpochMs(1'795'000'000'000);
        const auto object = s3::sign(store, {"GET", "some folder/a b+c/\u00fc&=?#%.mp4"}, now);
        const auto list =
            s3::sign(store, {"GET", "", {{"prefix", "some folder/"}, {"list-type", "2"}, {"delimiter", "/"}}}, now);
        QVERIFY(object && list);
        QCOMPARE(object->url,
                 std::string("http://127.0.0.1:9000/recordings/some%20folder/a%20b%2Bc/%C3%BC%26%3D%3F%23%25.mp4"));
        const auto isSignedBy = [](const s3::SignedRequest& request, const std::string& signature) {
            return std::ranges::any_of(request.headers,
                                       [&](const std::string& h) { return h.ends_with("Signature=" + signature); });
        };
        QVERIFY(isSignedBy(*object, "b670fe4122353547492bd6f97f7d65d44b78cf4c3e79bb385f74d1ad4f849803"));
        QVERIFY(isSignedBy(*list, "e62a6683192117c24db5d88137e17eea5c66109179db15fbacc0b8779e1fce14"));
    }

    void objectsComeBackAsTheyWere()
    {
        S3Client client(m_store, impatient());
        const std::string content = bytesOf(100'000, 'x');
        const std::string key = m_store.prefix + "inner/file-1_2.mp4";
        const auto etag = client.put(key, content, "video/mp4");
        QVERIFY2(etag.has_value(), etag ? "" : etag.error().message.c_str());
        QVERIFY(!etag->empty());
        QCOMPARE(client.get(key).value_or(""), content);
        QCOMPARE(client.get(key, S3Client::Range{1000, 50}).value_or(""), content.substr(1000, 50));
        const auto head = client.head(key);
        QVERIFY(head.has_value());
        QCOMPARE(head->bytes, std::int64_t{100'000});
        QCOMPARE(head->etag, *etag);
        const auto listing = client.list(m_store.prefix + "inner/");
        QVERIFY(listing.has_value());
        QCOMPARE(listing->objects.size(), std::size_t{1});
        QCOMPARE(listing->objects.front().key, key);
        QVERIFY(client.remove(key).has_value());
        QCOMPARE(client.get(key).error().code, ErrorCode::NotFound);
        QVERIFY(stored_recordings::test(m_store).has_value());
    }

    void whatIsWrongIsSaid_data()
    {
        QTest::addColumn<QString>("wrong");
        QTest::addColumn<int>("code");
        QTest::newRow("secret") << "secret" << static_cast<int>(ErrorCode::PermissionDenied);
        QTest::newRow("key") << "key" << static_cast<int>(ErrorCode::PermissionDenied);
        QTest::newRow("bucket") << "bucket" << static_cast<int>(ErrorCode::NotFound);
        QTest::newRow("address") << "address" << static_cast<int>(ErrorCode::InvalidArgument);
        QTest::newRow("port") << "port" << static_cast<int>(ErrorCode::Unavailable);
    }

    void whatIsWrongIsSaid()
    {
        QFETCH(QString, wrong);
        QFETCH(int, code);
        S3Settings store = m_store;
        if (wrong == "secret")
            store.secretKey += "x";
        else if (wrong == "key")
            store.accessKey = "AKIANOBODY";
        else if (wrong == "bucket")
            store.bucket = "another-bucket";
        else if (wrong == "address")
            store.endpoint = "ftp://somewhere";
        else
            store.endpoint = "http://127.0.0.1:1";
        S3Client client(store, impatient());
        const auto put = client.put("x", "content", "text/plain");
        QVERIFY(!put.has_value());
        QCOMPARE(static_cast<int>(put.error().code), code);
        QVERIFY(!put.error().message.empty() && !put.error().remedy.empty());
        QVERIFY(put.error().message.find(store.secretKey) == std::string::npos);
    }

    // The server hangs in the middle of a large object, and is there again later: what it has is not sent again.
    void partsThatAreThereStay()
    {
        const std::string content = bytesOf(3 * S3Client::partBytes + 1000, 'p');
        const std::string key = m_store.prefix + "large";
        QFile log(m_dir.filePath("store.log"));
        QVERIFY(log.open(QIODevice::ReadOnly));
        log.readAll();
        QByteArray told;
        Result<std::string> first;
        S3Client::Patience patience = impatient();
        patience.silence = Duration(8'000);  // a busy machine is no frozen one
        std::jthread sender([&] { first = S3Client(m_store, patience).put(key, content, "video/mp4"); });
        QVERIFY(waitUntil(
            [&] {
                told += log.readAll();
                return told.contains("partNumber=1&");
            },
            30'000));
        m_server.freeze();
        sender.join();
        m_server.thaw();
        if (first)
            qInfo("the server was faster");
        else
            QCOMPARE(first.error().code, ErrorCode::Unavailable);
        const auto second = S3Client(m_store).put(key, content, "video/mp4");
        QVERIFY2(second.has_value(), second ? "" : second.error().message.c_str());
        QCOMPARE(S3Client(m_store).get(key).value_or(""), content);
        told += log.readAll();
        if (!first) {
            QCOMPARE(told.count("POST /recordings/folder/large?uploads"), 1);
            QCOMPARE(told.count("partNumber=1&"), 1);
        }
    }

    void recordingsGoToTheStoreAndArePlayedFromThere()
    {
        const std::string here = folder("uploaded");
        const RecordingManifest manifest = makeRecording(here, 1, 3, 20'000);
        const Log log(LogLevel::Warning);
        recording::Uploader uploader(here, log);
        uploader.apply(recordingTo(m_store));
        QVERIFY(waitUntil([&] { return recording_folder::list(here).empty(); }, 30'000));
        const auto ids = stored_recordings::list(m_store);
        QVERIFY(ids.has_value());
        QCOMPARE(*ids, std::vector<std::string>{manifest.id});
        const auto stored = stored_recordings::readManifest(m_store, manifest.id);
        QVERIFY(stored && stored->isStored);
        recording::ShelfReader reader(here);
        reader.setStore(m_store);
        const auto seen = reader.manifest(manifest.id);
        QVERIFY(seen.has_value());
        const auto playable = reader.segment(**seen, 2);
        QVERIFY(playable.has_value());
        const std::string whole = bytesOf(20'002, 2);
        QVERIFY(textOf(*playable->init) == whole.substr(0, 10) && textOf(*playable->media) == whole.substr(10));
        QCOMPARE(stored_recordings::remove(m_store, manifest.id).value_or(0), 4);
        QVERIFY(stored_recordings::list(m_store)->empty());
    }

    // Of uploads that nobody goes on with those go that are too old.
    void partsThatBelongToNothingAreDeleted()
    {
        const std::string key = m_store.prefix + "left/over";
        const auto begin = s3::sign(m_store, {"POST", key, {{"uploads", ""}}},
                                    std::chrono::floor<Duration>(std::chrono::system_clock::now()));
        QStringList arguments{"-sSf", "-X", "POST", QString::fromStdString(begin->url)};
        for (const std::string& header : begin->headers)
            arguments << "-H" << QString::fromStdString(header);
        const ToolOutput begun = runTool("curl", arguments);
        QVERIFY2(begun.standardOutput.contains("UploadId"), begun.standardError);
        S3Client client(m_store, impatient());
        const auto count = [&] { return client.uploads(key)->size(); };
        QCOMPARE(count(), std::size_t{1});
        const TimePoint now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
        const std::string folder = m_store.prefix + "left/";
        QCOMPARE(
            stored_recordings::abortUploads(m_store, folder, now - std::chrono::hours(24 * 365 * 100)).value_or(-1), 0);
        QCOMPARE(count(), std::size_t{1});
        QCOMPARE(stored_recordings::abortUploads(m_store, m_store.prefix + "other/", {}).value_or(-1), 0);
        QCOMPARE(stored_recordings::abortUploads(m_store, folder, now + std::chrono::hours(1)).value_or(-1), 1);
        QCOMPARE(count(), std::size_t{0});
    }

    // Whoever uploads is killed again and again: in the end each file is there once, whole, and nothing else.
    void killedUploadersLoseNothingAndLeaveNothingTwice()
    {
        const int kills =
            qEnvironmentVariableIntValue("HEADGATE_KILLS") > 0 ? qEnvironmentVariableIntValue("HEADGATE_KILLS") : 10;
        const std::string here = folder("killed");
        std::map<std::string, RecordingManifest> made;
        const quint32 seed = QRandomGenerator::global()->generate();
        qInfo("seed %u", seed);
        QRandomGenerator random(seed);
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("TEST_ENDPOINT", QString::fromStdString(m_store.endpoint));
        environment.insert("TEST_PREFIX", QString::fromStdString(m_store.prefix));
        environment.insert("TEST_ACCESS", QString::fromStdString(m_store.accessKey));
        environment.insert("TEST_SECRET", QString::fromStdString(m_store.secretKey));
        for (int i = 0; i < kills; ++i) {
            const RecordingManifest manifest = makeRecording(here, 10 + i, 4, i % 5 == 0 ? 9'000'000 : 50'000);
            made[manifest.id] = manifest;
            QProcess uploader;
            uploader.setProcessEnvironment(environment);
            uploader.start(QCoreApplication::applicationFilePath(), {"--upload", QString::fromStdString(here)});
            QVERIFY(uploader.waitForStarted());
            QTest::qWait(static_cast<int>(random.bounded(400)));
            uploader.kill();
            QVERIFY(uploader.waitForFinished(30'000));
        }
        const Log log(LogLevel::Warning);
        recording::Uploader last(here, log);
        last.apply(recordingTo(m_store));
        QVERIFY(waitUntil([&] { return recording_folder::list(here).empty(); }, 120'000));
        const auto ids = stored_recordings::list(m_store);
        QVERIFY(ids.has_value());
        QCOMPARE(ids->size(), made.size());
        S3Client client(m_store);
        for (const std::string& id : *ids) {
            const auto listing = client.list(stored_recordings::keyOf(m_store, id, ""));
            QVERIFY(listing.has_value());
            QCOMPARE(listing->objects.size(), made.at(id).segments.size() + 1);
            for (std::size_t i = 0; i < made.at(id).segments.size(); ++i) {
                const RecordedSegment& segment = made.at(id).segments[i];
                const auto content = stored_recordings::readFile(m_store, id, segment.file);
                QVERIFY(content == bytesOf(static_cast<std::size_t>(segment.bytes), static_cast<char>(i)));
            }
        }
        const auto open = client.uploads("");
        QVERIFY(open && open->empty());
        // What the store was asked to begin: how often an upload was cut off, and that none is left.
        QFile told(m_dir.filePath("store.log"));
        QVERIFY(told.open(QIODevice::ReadOnly));
        qInfo("%d kills, %lld uploads in parts begun, %zu recordings stored", kills,
              static_cast<long long>(told.readAll().count("?uploads")), ids->size());
    }
};

}  // namespace headgate

int main(int argc, char** argv)
{
    if (argc == 3 && std::string_view(argv[1]) == "--upload")
        return headgate::uploadForEver(argv[2]);
    QCoreApplication application(argc, argv);
    headgate::RecordingStoreTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "recording_store_test.moc"
