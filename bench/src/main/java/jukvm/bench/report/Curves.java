package jukvm.bench.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.List;
import jukvm.bench.report.Axis.Tick;
import jukvm.bench.report.Plot.Bar;
import jukvm.bench.report.Plot.Line;
import jukvm.bench.report.Plot.Point;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * What lies between the axes of a plot, as a chart of XChart. The chart has no text: XChart paints
 * the outlines of letters, and {@link Painter} paints letters.
 */
final class Curves {
    private final Plot plot;
    private final Frame frame;
    private final XYChart chart;

    private Curves(Plot plot, Frame frame) {
        this.plot = plot;
        this.frame = frame;
        this.chart = new XYChart(frame.across(), frame.down());
    }

    static XYChart of(Plot plot, Frame frame, int marker) {
        Curves curves = new Curves(plot, frame);
        curves.style(marker);
        curves.grid();
        plot.bars().forEach(curves::bar);
        plot.lines().forEach(curves::line);
        return curves.chart;
    }

    private void style(int marker) {
        XYStyler style = chart.getStyler();
        style.setChartTitleVisible(false).setLegendVisible(false);
        style.setChartBackgroundColor(Color.WHITE).setPlotBackgroundColor(Color.WHITE);
        style.setChartPadding(0);
        style.setPlotBorderVisible(true).setPlotBorderColor(Look.FAINT);
        style.setPlotContentSize(1);
        style.setPlotMargin(0);
        style.setPlotGridLinesVisible(false);
        style.setAxisTitlesVisible(false);
        style.setAxisTicksVisible(false);
        style.setAxisTicksMarksVisible(false);
        style.setXAxisLogarithmic(plot.x().log()).setYAxisLogarithmic(plot.y().log());
        style.setXAxisMin(plot.x().min()).setXAxisMax(plot.x().max());
        style.setYAxisMin(plot.y().min()).setYAxisMax(plot.y().max());
        style.setMarkerSize(marker);
    }

    private void grid() {
        BasicStroke thin = Look.stroke(1);
        if (plot.x().grid()) {
            for (Tick tick : plot.x().ticks()) {
                Point from = new Point(tick.value(), plot.y().min());
                Point to = new Point(tick.value(), plot.y().max());
                add(List.of(from, to), Look.GRID, thin, SeriesMarkers.NONE);
            }
        }
        if (plot.y().grid()) {
            for (Tick tick : plot.y().ticks()) {
                Point from = new Point(plot.x().min(), tick.value());
                Point to = new Point(plot.x().max(), tick.value());
                add(List.of(from, to), Look.GRID, thin, SeriesMarkers.NONE);
            }
        }
    }

    // An outline, the fill in it, and stripes across that.
    private void bar(Bar bar) {
        double outside = thick(bar);
        double inside = outside - 2;
        double length = frame.distance(plot, bar.from(), bar.to());
        List<Point> ends = List.of(bar.from(), bar.to());
        add(ends, bar.look().ink(), Look.stroke(outside), SeriesMarkers.NONE);
        if (!bar.look().fill().equals(bar.look().ink()) && length > 2) {
            List<Point> within = List.of(bar.from(), back(bar, length));
            add(within, bar.look().fill(), Look.stroke(inside), SeriesMarkers.NONE);
            if (!bar.look().stripe().isEmpty()) {
                BasicStroke stripes = Look.stroke(inside, bar.look().stripe());
                add(within, bar.look().ink(), stripes, SeriesMarkers.NONE);
            }
        }
    }

    // A pixel before the end of the bar.
    private Point back(Bar bar, double length) {
        double share = 1 - 1 / length;
        return new Point(
                between(plot.x(), bar.from().x(), bar.to().x(), share),
                between(plot.y(), bar.from().y(), bar.to().y(), share));
    }

    private static double between(Axis axis, double from, double to, double share) {
        return axis.log() ? from * Math.pow(to / from, share) : from + (to - from) * share;
    }

    private double thick(Bar bar) {
        boolean upright = bar.from().x() == bar.to().x();
        Axis axis = upright ? plot.x() : plot.y();
        int pixels = upright ? frame.across() : frame.down();
        return Math.round(bar.thick() / (axis.max() - axis.min()) * pixels);
    }

    private void line(Line line) {
        Marker marker = line.marked() ? line.look().marker() : SeriesMarkers.NONE;
        add(line.points(), line.color(), line.stroke(), marker);
    }

    private void add(List<Point> points, Color color, BasicStroke stroke, Marker marker) {
        XYSeries series =
                chart.addSeries(
                        "" + chart.getSeriesCollection().size(),
                        points.stream().mapToDouble(Point::x).toArray(),
                        points.stream().mapToDouble(Point::y).toArray());
        series.setLineColor(color).setLineStyle(stroke);
        series.setMarkerColor(color).setMarker(marker);
    }
}
