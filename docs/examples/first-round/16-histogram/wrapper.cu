void histogram_cuda(const unsigned char *data, int n, int *bins, int nbins) {
    unsigned char *d_data;
    int *d_bins;
    cudaMalloc(&d_data, n);
    cudaMalloc(&d_bins, nbins * sizeof(int));
    cudaMemcpy(d_data, data, n, cudaMemcpyHostToDevice);
    cudaMemset(d_bins, 0, nbins * sizeof(int));
    histogram_kernel<<<3, 8, nbins * sizeof(int)>>>(d_data, n, d_bins, nbins);
    cudaMemcpy(bins, d_bins, nbins * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_data);
    cudaFree(d_bins);
}
