// One node of Elasticsearch 7 that speaks HTTP on a loopback port, without the modules that its usual distribution adds.
// Arguments: the folder of its data, the port. It ends with its parent, or when it is told to.

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.reindex.ReindexPlugin;
import org.elasticsearch.transport.Netty4Plugin;

public class SearchServer extends Node {
    private SearchServer(Settings settings) {
        super(
            InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "dd-test"),
            List.of(Netty4Plugin.class, ReindexPlugin.class),
            false
        );
    }

    public static void main(String[] args) throws Exception {
        var parent = ProcessHandle.current().parent();
        var node = new SearchServer(
            Settings.builder()
                .put("path.home", Path.of(args[0]))
                .put("cluster.name", "dd-test")
                .put("discovery.type", "single-node")
                .put("network.host", "127.0.0.1")
                .put("http.type", "netty4")
                .put("http.port", args[1])
                .put("transport.type", "netty4")
                .put("transport.port", "0")
                .put("cluster.routing.allocation.disk.threshold_enabled", false)
                .build()
        );
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
}
