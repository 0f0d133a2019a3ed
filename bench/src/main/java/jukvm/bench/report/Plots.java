package jukvm.bench.report;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import jukvm.bench.result.Results;

/**
 * All plots of results, as files and for the page.
 *
 * @param files by name
 * @param drawn for the page
 * @param notices why there are none, if they cannot be drawn
 */
record Plots(Map<String, byte[]> files, List<Page.Drawn> drawn, List<String> notices) {
    /** What is said where there is nothing to draw letters with. */
    static final String NO_FONT =
            "plots: left out, this JDK has no font to draw with. Install one (apt-get install"
                    + " fontconfig fonts-dejavu-core) for the next report.";

    /** Returns the plots of what was measured; none, and a notice, where there is no font. */
    static Plots of(Results results) {
        // Before the first class of AWT is: there may be no display, and none is needed.
        System.setProperty("java.awt.headless", "true");
        try {
            new Letters(12).width("x");
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (Error | RuntimeException e) {
            // JDKs say in several ways, a plain Error among them, that libfreetype, fontconfig or
            // all fonts are missing.
            return new Plots(Map.of(), List.of(), List.of(NO_FONT));
        }
        Map<String, byte[]> files = new LinkedHashMap<>();
        List<Page.Drawn> drawn = new ArrayList<>();
        for (Figure figure : Figure.ALL) {
            Optional<Plot> wide = figure.plot(results, Size.WIDE);
            Optional<Plot> phone = figure.plot(results, Size.PHONE);
            if (wide.isPresent() && phone.isPresent()) {
                draw(figure, new Painter(wide.get(), Size.WIDE), files);
                String name = figure.name();
                drawn.add(
                        new Page.Drawn(
                                Images.svg(
                                        new Painter(wide.get(), Size.WIDE), name, figure.caption()),
                                Images.svg(
                                        new Painter(phone.get(), Size.PHONE),
                                        name + "-phone",
                                        figure.caption()),
                                figure.caption()));
            }
        }
        return new Plots(files, drawn, List.of());
    }

    /** Returns the names of all files that there may be. */
    static List<String> names() {
        return Figure.ALL.stream()
                .flatMap(figure -> Stream.of(figure.name() + ".png", figure.name() + ".svg"))
                .toList();
    }

    private static void draw(Figure figure, Painter wide, Map<String, byte[]> files) {
        files.put(figure.name() + ".png", Images.png(wide));
        files.put(
                figure.name() + ".svg",
                (Images.svg(wide, figure.name(), figure.caption()) + "\n")
                        .getBytes(StandardCharsets.UTF_8));
    }
}
