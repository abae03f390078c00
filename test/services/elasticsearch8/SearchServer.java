// One node of Elasticsearch 8 that speaks HTTP on a loopback port, without the modules that its usual distribution adds and
// without security. Arguments: the folder of its data, the port, the folder of the jar that speaks HTTP. It ends with its
// parent, or when it is told to.

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.elasticsearch.Version;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;

public class SearchServer {
    public static void main(String[] args) throws Exception {
        var parent = ProcessHandle.current().parent();
        var home = Path.of(args[0]);
        Files.createDirectories(home.resolve("config"));
        installTransport(home.resolve("modules/transport-netty4"), Path.of(args[2]));
        LogConfigurator.configureESLogging();
        var settings = Settings.builder()
            .put("path.home", home)
            .put("cluster.name", "dd-test")
            .put("discovery.type", "single-node")
            .put("network.host", "127.0.0.1")
            .put("http.port", args[1])
            .put("transport.port", "0")
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .build();
        var node = new Node(InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "dd-test"));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (Exception e) {
                e.printStackTrace();
            }
        }));
        node.start();
        // Its threads do not keep the program alive.
        if (parent.isPresent()) parent.get().onExit().join();
        else Thread.currentThread().join();
        System.exit(0);
    }

    /** Since version 8 a module is a folder that describes itself, and refuses to be on the class path as well. */
    private static void installTransport(Path module, Path jars) throws IOException {
        Files.createDirectories(module);
        try (var found = Files.list(jars)) {
            for (var jar : found.toList()) Files.copy(jar, module.resolve(jar.getFileName()));
        }
        Files.write(
            module.resolve("plugin-descriptor.properties"),
            List.of(
                "name=transport-netty4",
                "description=HTTP",
                "version=" + Version.CURRENT,
                "elasticsearch.version=" + Version.CURRENT,
                "java.version=17",
                "classname=org.elasticsearch.transport.netty4.Netty4Plugin"
            )
        );
    }
}
