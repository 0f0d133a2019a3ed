package jukvm.cli.run;

import java.util.ArrayList;
import java.util.List;
import jukvm.cli.device.AskedDevice;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Help with the options that attach devices, made when it is asked for. */
final class DeviceHelp implements IHelpSectionRenderer {
    private DeviceHelp() {}

    /** Has a command take such options, which have the device's name in theirs. */
    static void addTo(CommandSpec command) {
        command.parser().unmatchedArgumentsAllowed(true);
        command.usageMessage()
                .sectionMap()
                .put(UsageMessageSpec.SECTION_KEY_FOOTER, new DeviceHelp());
    }

    @Override
    public String render(Help help) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add("Devices, by the NAME that the guest declares:");
        AskedDevice.kinds().forEach(kind -> lines.addAll(kind.help()));
        help.commandSpec().usageMessage().footer(lines.toArray(String[]::new));
        return help.footer();
    }
}
