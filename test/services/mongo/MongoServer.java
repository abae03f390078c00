import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.bson.Document;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Set;

/**
 * mongo-java-server for the tests, on a free loopback port that it prints. It speaks as MongoDB 4.4 would (wire version 9, the
 * oldest that the newest driver takes), answers `hello`, and accepts sessions and transactions. It does not roll back.
 */
public final class MongoServer extends MemoryBackend {
    private static final Set<String> ACCEPTED =
        Set.of("commitTransaction", "abortTransaction", "endSessions", "refreshSessions", "killSessions");

    private static final class Version44 implements MongoVersion {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(4, 4, 0);
        }

        @Override
        public int getWireVersion() {
            return 9;
        }

        @Override
        public String toVersionString() {
            return "4.4.0";
        }
    }

    @Override
    public Document handleCommand(Channel channel, String database, String command, Document query) {
        if (ACCEPTED.contains(command)) return new Document("ok", 1.0);
        boolean isHello = command.equalsIgnoreCase("hello");
        boolean isHandshake = isHello || command.equalsIgnoreCase("ismaster");
        Document answer = super.handleCommand(channel, database, isHello ? "ismaster" : command, query);
        if (isHello) answer.put("isWritablePrimary", true);
        if (isHandshake) {
            // Drivers give out sessions only where the server names their lifetime.
            answer.put("logicalSessionTimeoutMinutes", 30);
            answer.put("helloOk", true);
        }
        return answer;
    }

    public static void main(String[] arguments) {
        MongoServer backend = new MongoServer();
        backend.version(new Version44());
        de.bwaldvogel.mongo.MongoServer server = new de.bwaldvogel.mongo.MongoServer(backend);
        server.enableOplog();
        server.bind("127.0.0.1", 0);
        System.out.println("READY mongodb://127.0.0.1:" + server.getLocalAddress().getPort() + "/");
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    }
}
