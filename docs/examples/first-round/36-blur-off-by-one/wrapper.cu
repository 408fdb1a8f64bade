void box_blur_cuda(const unsigned char *in, unsigned char *out, int width, int height) {
    unsigned char *d_in, *d_out;
    size_t bytes = width * height;
    cudaMalloc(&d_in, bytes);
    cudaMalloc(&d_out, bytes);
    cudaMemcpy(d_in, in, bytes, cudaMemcpyHostToDevice);
    cudaMemcpy(d_out, out, bytes, cudaMemcpyHostToDevice);
    dim3 threads(8, 4);
    dim3 blocks((width + threads.x - 1) / threads.x, (height + threads.y - 1) / threads.y);
    box_blur_kernel<<<blocks, threads>>>(d_in, d_out, width, height);
    cudaMemcpy(out, d_out, bytes, cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
