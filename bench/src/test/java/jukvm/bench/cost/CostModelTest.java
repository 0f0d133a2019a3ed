package jukvm.bench.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import jukvm.bench.cost.CostModel.Billing;
import jukvm.bench.result.Results.Cost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CostModelTest {
    private static final double CENT = 0.005;

    // Name, actions/s, per core, core-ms; each within half of its last digit.
    @ParameterizedTest
    @CsvSource({
        "0, 125.233, 0.0005, 31.3, 0.05, 31.9, 0.05",
        "1, 84.64, 0.005, 21.2, 0.05, 47.3, 0.05",
        "2, 62.6, 0.05, 31.3, 0.05, 31.9, 0.05",
        "3, 12533, 0.5, 3133, 0.5, 0.32, 0.005",
        "4, 255.8, 0.05, 63.9, 0.05, 15.6, 0.05",
    })
    void shouldGiveTheFiguresOfThePaperAndToday(
            int row,
            double rate,
            double by,
            double perCore,
            double byCore,
            double ms,
            double byMs) {
        Cost found = CostModel.paperAndToday().get(row);
        assertEquals(rate, found.perSecond(), by, found.name());
        assertEquals(perCore, found.perCore(), byCore, found.name());
        assertEquals(ms, found.coreMillis(), byMs, found.name());
    }

    @Test
    void shouldNameEachRow() {
        List<String> names = CostModel.paperAndToday().stream().map(Cost::name).toList();
        assertEquals(names.stream().distinct().toList(), names);
        assertEquals(5, names.size());
    }

    @Test
    void shouldGiveExactlyThePapersRate() {
        assertEquals(125.23, CostModel.PAPER.row("").perSecond(), CENT);
        assertEquals(0.188 / 3600 / 0.000000417, CostModel.PAPER.row("").perSecond(), 1e-9);
    }

    @ParameterizedTest
    @CsvSource({"128, 2.08e-7", "256, 4.17e-7", "512, 8.34e-7", "1024, 1.667e-6"})
    void shouldRoundThePriceOf100MillisecondsAsThePriceListDid(double memory, double price) {
        assertEquals(price, Billing.PAPER.pricePerQuantum(memory));
    }

    @Test
    void shouldNotRoundThePriceOfShortQuanta() {
        assertEquals(4.166675e-9, Billing.TODAY.pricePerQuantum(256), 1e-20);
        assertEquals(2.0833375e-9, Billing.TODAY.pricePerQuantum(128), 1e-20);
    }

    @Test
    void shouldNotRoundAPriceToNothing() {
        assertEquals(1e-12, new Billing(1e-11, 100, 0).pricePerQuantum(1024), 1e-24);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "100, 1", "100.001, 2", "150, 2", "200, 2", "1000, 10"})
    void shouldBillWholeQuanta(double millis, int quanta) {
        assertEquals(quanta * 4.17e-7, Billing.PAPER.pricePerAction(256, millis), 1e-18);
    }

    @ParameterizedTest
    @CsvSource({"1.1, 11", "0.3, 3", "0.7, 7", "0.01, 1"})
    void shouldCountQuantaInDecimals(double millis, int quanta) {
        Billing billing = new Billing(1, 0.1, 0);
        assertEquals(quanta * 1e-4, billing.pricePerAction(1024, millis), 1e-12);
    }

    @Test
    void shouldAddTheFeeToEachAction() {
        Billing billing = Billing.PAPER.withFee();
        assertEquals(4.17e-7 + 2e-7, billing.pricePerAction(256, 100), 1e-18);
    }

    @Test
    void shouldBillAllMillisecondsOfALongerActionToday() {
        Cost today = CostModel.PAPER.today(10).get(0);
        assertEquals(1253.3, today.perSecond(), 0.05);
    }
}
