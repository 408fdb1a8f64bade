void inclusive_scan_cuda(const int *in, int *out, int n) {
    int *d_in = nullptr, *d_out = nullptr;
    const size_t bytes = sizeof(int) * n;
    cudaMalloc(&d_in, bytes);
    cudaMalloc(&d_out, bytes);
    cudaMemcpy(d_in, in, bytes, cudaMemcpyHostToDevice);
    hillis_steele<<<1, n, 2 * bytes>>>(d_in, d_out, n);
    cudaMemcpy(out, d_out, bytes, cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
