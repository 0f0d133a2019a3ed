package jukvm.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Where this process may make control groups. In generation 2 that is the folder above its own
 * group, if it leads to others already, or its own: one that has processes can bound none below it.
 * In generation 1 it is its own group of each controller. Immutable. Source: cgroups(7), proc(5).
 *
 * @param byController the folder to make groups in, for each controller that there is; memory and
 *     pids are there, or none is
 * @param isUnified whether it is one of generation 2
 * @param missing why there is none, empty if there is
 */
record GroupFolders(Map<Controller, Path> byController, boolean isUnified, String missing) {
    private static final Set<Controller> NEEDED = Set.of(Controller.MEMORY, Controller.PIDS);
    private static final String UNIFIED = "";
    private static final String BUSY =
            " has processes itself, so that groups in it cannot be bounded. Start this one in a"
                    + " group below, as systemd does with DelegateSubgroup=";

    /** The file that says by which controllers groups in a folder are bounded. */
    static final String SWITCHES = "cgroup.subtree_control";

    // By which systemd marks what it leaves to its service, since version 251.
    private static final String DELEGATED = "delegate";

    private static GroupFolders none(String why) {
        return new GroupFolders(Map.of(), false, "cgroup: " + why);
    }

    /**
     * Finds it.
     *
     * @param self what proc(5) has of this process
     * @param systemd a folder that is there if systemd has made the groups
     */
    static GroupFolders find(Path self, Path systemd) {
        List<String> own;
        List<Mount> mounts;
        try {
            own = Files.readAllLines(self.resolve("cgroup"));
            mounts = Mount.all(Files.readAllLines(self.resolve("mountinfo")));
        } catch (IOException e) {
            return none(why(e));
        }
        GroupFolders first = ofFirst(own, mounts);
        GroupFolders unified = unified(own, mounts, Files.exists(systemd));
        boolean isOfFirst = mounts.stream().anyMatch(mount -> mount.has(Controller.MEMORY.word()));
        return unified.missing.isEmpty() || !isOfFirst ? unified : first;
    }

    /** Returns what went wrong with a file, without its name. */
    static String why(IOException e) {
        String said = String.valueOf(e.getMessage());
        return said.substring(said.lastIndexOf(": ") + 1).strip();
    }

    /**
     * A file system of control groups.
     *
     * @param root the group that it begins with
     * @param point where it is mounted
     * @param controllers that it has, of generation 1; {@link #UNIFIED} for generation 2
     */
    private record Mount(String root, String point, Set<String> controllers) {
        static List<Mount> all(List<String> lines) {
            List<Mount> all = new ArrayList<>();
            for (String line : lines) {
                String[] halves = line.split(" - ", 2);
                String[] where = halves[0].split(" ", -1);
                String[] what = halves.length < 2 ? new String[0] : halves[1].split(" ", -1);
                if (where.length > 4 && what.length > 2 && what[0].startsWith("cgroup")) {
                    boolean isUnified = what[0].equals("cgroup2");
                    Set<String> controllers = isUnified ? Set.of(UNIFIED) : words(what[2], ",");
                    all.add(new Mount(where[3], where[4].replace("\\040", " "), controllers));
                }
            }
            return all;
        }

        boolean has(String controller) {
            return controllers.contains(controller);
        }

        /** Returns where a group is, if it is in this file system. */
        Optional<Path> folder(String group) {
            String inside = group;
            if (!root.equals("/") && (group + "/").startsWith(root + "/")) {
                inside = group.substring(root.length());
            }
            Path folder = Path.of(point + "/" + inside);
            return (inside + "/").contains("/../") || !Files.isDirectory(folder)
                    ? Optional.empty()
                    : Optional.of(folder);
        }
    }

    private static Set<String> words(String text, String between) {
        Set<String> words = new TreeSet<>(List.of(text.strip().split(between, -1)));
        words.remove("");
        return words;
    }

    // Lines are NUMBER:CONTROLLERS:GROUP, and of generation 2 0::GROUP.
    private static Optional<Path> own(List<String> lines, List<Mount> mounts, String controller) {
        for (String line : lines) {
            String[] parts = line.split(":", 3);
            if (parts.length == 3 && List.of(parts[1].split(",", -1)).contains(controller)) {
                return mounts.stream()
                        .filter(mount -> mount.has(controller))
                        .flatMap(mount -> mount.folder(parts[2]).stream())
                        .findFirst();
            }
        }
        return Optional.empty();
    }

    private static GroupFolders ofFirst(List<String> lines, List<Mount> mounts) {
        Map<Controller, Path> found = new EnumMap<>(Controller.class);
        for (Controller controller : Controller.values()) {
            own(lines, mounts, controller.word())
                    .filter(Files::isWritable)
                    .ifPresent(folder -> found.put(controller, folder));
        }
        return found.keySet().containsAll(NEEDED)
                ? new GroupFolders(found, false, "")
                : none("this process may make none of memory and pids below its own");
    }

    private static GroupFolders unified(
            List<String> lines, List<Mount> mounts, boolean isOfSystemd) {
        Optional<Path> own = own(lines, mounts, UNIFIED);
        if (own.isEmpty()) {
            return none("none is mounted");
        }
        Set<Path> tried = new LinkedHashSet<>();
        boolean isTop = mounts.stream().anyMatch(mount -> own.get().equals(Path.of(mount.point)));
        if (!isTop) {
            tried.add(own.get().resolveSibling(""));
        }
        tried.add(own.get());
        String refused = "";
        for (Path folder : tried) {
            GroupFolders found = unified(folder, isOfSystemd);
            if (found.missing.isEmpty()) {
                return found;
            }
            refused = found.missing;
        }
        return new GroupFolders(Map.of(), false, refused);
    }

    private static GroupFolders unified(Path folder, boolean isOfSystemd) {
        try {
            if (isOfSystemd && !isMarked(folder)
                    || !Files.isWritable(folder)
                    || !Files.isWritable(folder.resolve("cgroup.procs"))) {
                return none(folder + " is not delegated to this process");
            }
            Set<String> there = words(Files.readString(folder.resolve("cgroup.controllers")), " ");
            Map<Controller, Path> found = new EnumMap<>(Controller.class);
            for (Controller controller : Controller.values()) {
                if (there.contains(controller.word())) {
                    found.put(controller, folder);
                }
            }
            if (!found.keySet().containsAll(NEEDED)) {
                return none(folder + " has not both memory and pids");
            }
            Path switches = folder.resolve(SWITCHES);
            Set<String> on = words(Files.readString(switches), " ");
            Set<Controller> off = new TreeSet<>(found.keySet());
            off.removeIf(controller -> on.contains(controller.word()));
            return off.isEmpty() || isWritten(switches, switches(off))
                    ? new GroupFolders(found, true, "")
                    : none(folder + BUSY);
        } catch (IOException e) {
            return none(folder + ": " + why(e));
        }
    }

    private static boolean isWritten(Path file, String text) {
        try {
            Files.writeString(file, text);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isMarked(Path folder) throws IOException {
        UserDefinedFileAttributeView marks =
                Files.getFileAttributeView(folder, UserDefinedFileAttributeView.class);
        return marks != null && marks.list().contains(DELEGATED);
    }

    /** Returns what has groups in a folder be bounded by controllers. */
    static String switches(Set<Controller> controllers) {
        return controllers.stream()
                .map(controller -> "+" + controller.word())
                .collect(Collectors.joining(" "));
    }
}
