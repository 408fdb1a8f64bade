//// features: printf in a kernel with many formats, printed when the host waits
//// sequential
int print_from_kernel(int n) {
    for (int i = 0; i < n; i++) printf("%d %u %5.2f|%-6s|%c %lld %x %e %03d %% done\n", -i, 4000000000u + i, i / 4.0, "word", 'a' + i, 1LL << (30 + i), 255 * i, 1.5 * i, i);
    printf("no arguments\n");
    return 14;
}
//// kernel
__global__ void say(int n, int *written) {
    for (int i = 0; i < n; i++) printf("%d %u %5.2f|%-6s|%c %lld %x %e %03d %% done\n", -i, 4000000000u + i, i / 4.0, "word", 'a' + i, 1LL << (30 + i), 255 * i, 1.5 * i, i);
    *written = 14;
    printf("no arguments\n");
}
//// wrapper
int print_from_kernel_cuda(int n) {
    int *d_written, written;
    cudaMalloc(&d_written, sizeof(int));
    say<<<1, 1>>>(n, d_written);
    cudaDeviceSynchronize();
    cudaMemcpy(&written, d_written, sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_written);
    return written;
}
//// tests
wrapper(FUNCTION, 3);
---
wrapper(FUNCTION, 0);
