package jukvm.bench.report;

import java.awt.Dimension;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.apache.batik.svggen.SVGIDGenerator;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** A painted plot, as documents. */
final class Images {
    private static final String SVG = "http://www.w3.org/2000/svg";
    private static final int SCALE = 2;

    private Images() {}

    /** Returns the plot as PNG, two pixels for each of its own. */
    static byte[] png(Painter plot) {
        BufferedImage image =
                new BufferedImage(
                        plot.width() * SCALE, plot.height() * SCALE, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.scale(SCALE, SCALE);
        plot.paint(g);
        g.dispose();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.setUseCache(false);
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /**
     * Returns the plot as an SVG element.
     *
     * @param name what identifiers in it begin with, so that several elements fit in one page
     * @param described what it shows, for those who do not see it
     */
    static String svg(Painter plot, String name, String described) {
        SVGGraphics2D g = new SVGGraphics2D(settings(name), false);
        g.setSVGCanvasSize(new Dimension(plot.width(), plot.height()));
        plot.paint(g);
        Element root = g.getRoot();
        root.setAttribute("viewBox", "0 0 " + plot.width() + " " + plot.height());
        root.setAttribute("role", "img");
        root.setAttribute("aria-label", described);
        StringWriter out = new StringWriter();
        try {
            g.stream(root, out, false, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // The declarations before are of no use within a page.
        String text = out.toString();
        return text.substring(text.indexOf("<svg"))
                .replace("<defs id=\"genericDefs\"\n  />", "")
                .strip();
    }

    private static SVGGeneratorContext settings(String name) {
        Document document;
        try {
            document =
                    DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .getDOMImplementation()
                            .createDocument(SVG, "svg", null);
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException(e);
        }
        SVGGeneratorContext settings = SVGGeneratorContext.createDefault(document);
        settings.setComment(null);
        settings.setPrecision(2);
        settings.setIDGenerator(
                new SVGIDGenerator() {
                    private int count;

                    @Override
                    public String generateID(String prefix) {
                        return name + "-" + prefix + ++count;
                    }
                });
        return settings;
    }
}
