/*
 * Says what our guests take for the layout of everything they share with jukvm: Class.CONSTANT=number. It is compiled once with each
 * source of theirs that declares some, and never linked or run: the lines are in the assembly, behind "->".
 *
 *   gcc -S -I../../../../guest-images/runtime -DSOURCE='"hvt.c"' -DHVT -DABI_VERSION=2 -o - guest_probe.c | sed -n 's/^->//p'
 *
 * GuestLayoutTest compares them with the classes.
 */
#include SOURCE

#define P(name, value) __asm__ volatile("\n->" name "=%c0" : : "i"(value))
#define OFF(name, type, field) P(name, __builtin_offsetof(struct type, field))

void probe(void)
{
#ifdef HVT
    P("BootInfo.HVT_SIZE", sizeof(struct boot));
    OFF("boot.mem_size", boot, mem_size);
    OFF("boot.kernel_end", boot, kernel_end);
    OFF("boot.cpu_cycle_freq", boot, cpu_cycle_freq);
    OFF("boot.cmdline", boot, cmdline);
    OFF("boot.mft", boot, mft);
    OFF("boot.host_features", boot, host_features);
    OFF("boot.net_ring", boot, net_ring);
    OFF("Puts.DATA", puts, data);
    OFF("Puts.LEN", puts, len);
    OFF("Poll.TIMEOUT", poll, timeout_ns);
    OFF("Poll.READY_SET", poll, ready_set);
    OFF("Poll.RET", poll, ret);
    OFF("BlockTransfer.HANDLE", block, handle);
    OFF("BlockTransfer.OFFSET", block, offset);
    OFF("BlockTransfer.DATA", block, data);
    OFF("BlockTransfer.LEN", block, len);
    OFF("BlockTransfer.RET", block, ret);
    OFF("NetTransfer.HANDLE", net, handle);
    OFF("NetTransfer.HANDLE_SIZE", net, data);
    OFF("Manifest.HEADER_SIZE", manifest, entry);
    P("Manifest.ENTRY_SIZE", sizeof(struct entry));
    P("Manifest.NAME_SIZE", sizeof(((struct entry *)0)->name));
    OFF("Manifest.ENTRY_TYPE", entry, type);
    OFF("BlockKind.CAPACITY", entry, block.capacity);
    OFF("BlockKind.BLOCK_SIZE", entry, block.block_size);
    OFF("NetKind.MAC", entry, net.mac);
    OFF("NetKind.MTU", entry, net.mtu);
    OFF("Manifest.ATTACHED", entry, attached);
    P("SeedNote.SIZE", sizeof(struct seed));
    OFF("SeedNote.NUMBER", seed, number);
    OFF("SeedNote.BYTES", seed, bytes);
#endif
#ifdef UKVM
    OFF("Puts.DATA", puts, data);
    OFF("Puts.LEN", puts, len);
    OFF("Poll.TIMEOUT", poll, timeout_ns);
    OFF("Poll.UKVM_RET", poll, ret);
    OFF("BlockInfo.SECTOR_SIZE", blkinfo, sector_size);
    OFF("BlockInfo.NUM_SECTORS", blkinfo, num_sectors);
    OFF("BlockInfo.RW", blkinfo, rw);
    OFF("SectorTransfer.SECTOR", blk, sector);
    OFF("SectorTransfer.DATA", blk, data);
    OFF("SectorTransfer.LEN", blk, len);
    OFF("SectorTransfer.RET", blk, ret);
    P("SectorTransfer.REFUSED", REFUSED);
    OFF("NetTransfer.UKVM_DATA", net, data);
    OFF("NetTransfer.UKVM_LEN", net, len);
    OFF("NetTransfer.UKVM_RET", net, ret);
    P("NetTransfer.UKVM_REFUSED", REFUSED);
#endif
#ifdef END
    P("BootInfo.UKVM_SIZE", sizeof(struct boot));
    OFF("ukvm.mem_size", boot, mem_size);
    OFF("ukvm.kernel_end", boot, kernel_end);
    OFF("ukvm.cmdline", boot, cmdline);
    OFF("ukvm.tsc_freq", boot, tsc_freq);
    OFF("Halt.COOKIE", halt, cookie);
    OFF("Halt.EXIT_STATUS", halt, exit_status);
    P("Halt.COOKIE_SIZE", sizeof(struct abort_frame));
    OFF("frame.cr2", abort_frame, cr2);
    OFF("frame.error", abort_frame, error);
    OFF("frame.rip", abort_frame, rip);
    OFF("frame.cs", abort_frame, cs);
    OFF("frame.rflags", abort_frame, rflags);
    OFF("frame.rsp", abort_frame, rsp);
    OFF("frame.ss", abort_frame, ss);
#endif
#ifdef RING
    P("NetRing.SIZE", sizeof(struct ring));
    P("NetRing.ENTRIES", SLOTS);
    P("NetRing.OP_NET_WRITE", RING_WRITE);
    P("NetRing.OP_NET_READ", RING_READ);
    P("NetRing.KICK_PORT", KICK);
    OFF("NetRing.ENT_TAIL", ring, submitted);
    OFF("NetRing.ENT_HEAD", ring, submissions_taken);
    OFF("NetRing.COM_TAIL", ring, completed);
    OFF("NetRing.NEEDS_KICK", ring, needs_kick);
    OFF("NetRing.SUBMISSIONS", ring, submission);
    OFF("NetRing.COMPLETIONS", ring, completion);
    P("NetRing.SUBMISSION_SIZE", sizeof(struct submission));
    P("NetRing.COMPLETION_SIZE", sizeof(struct completion));
    OFF("NetRing.OP", submission, op);
    OFF("NetRing.HANDLE", submission, handle);
    OFF("NetRing.DATA", submission, data);
    OFF("NetRing.LEN", submission, len);
    OFF("NetRing.ID", submission, id);
    OFF("NetRing.DONE_ID", completion, id);
    OFF("NetRing.DONE_RET", completion, ret);
    OFF("NetRing.DONE_LEN", completion, len);
#endif
}
